#include "core/platforms/local/local_status.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/platforms/local/child_process.h"

#include <nlohmann/json.hpp>

#include <array>

namespace perch::local {

namespace {

constexpr const char* kStatusFile = "status.json";
/// A supervisor writes at least once a second; one that hangs for this long counts as gone. One that has died is seen at
/// once; a machine that is short of time or busy with its disk keeps a living one waiting for many seconds.
constexpr std::chrono::seconds kHeartbeatLimit{20};
constexpr std::array<const char*, 4> kStates = {"starting", "ready", "draining", "crashed"};

nlohmann::json processJson(const fleet::Replica& process) {
    return {{"name", process.name},
            {"state", kStates[static_cast<std::size_t>(process.state)]},
            {"reason", process.reason},
            {"port", process.port},
            {"pid", process.processId},
            {"restarts", process.restarts},
            {"started_at", toMillis(process.startedAt)}};
}

Result<fleet::Replica> readProcess(const nlohmann::json& document) {
    fleet::Replica process;
    process.name = TRY(jsonString(document, "name", kStatusFile));
    const std::string state = TRY(jsonString(document, "state", kStatusFile));
    const auto* const found = std::ranges::find(kStates, state);
    if (found == kStates.end())
        return fail(ErrorCode::Corrupt, "{}: \"{}\" is not a state of a process.", kStatusFile, shownText(state));
    process.state = static_cast<fleet::Replica::State>(found - kStates.begin());
    process.reason = TRY(jsonString(document, "reason", kStatusFile));
    process.port = static_cast<std::uint16_t>(TRY(jsonInteger(document, "port", kStatusFile)));
    process.processId = TRY(jsonInteger(document, "pid", kStatusFile));
    process.restarts = static_cast<std::uint32_t>(TRY(jsonInteger(document, "restarts", kStatusFile)));
    process.startedAt = fromMillis(TRY(jsonInteger(document, "started_at", kStatusFile)));
    return process;
}

Result<ReplicaStatus> readReplica(const nlohmann::json& document) {
    ReplicaStatus replica;
    replica.model = TRY(ModelName::parse(TRY(jsonString(document, "model", kStatusFile))));
    replica.version = TRY(Version::parse(TRY(jsonString(document, "version", kStatusFile))));
    replica.slot = static_cast<int>(TRY(jsonInteger(document, "slot", kStatusFile)));
    replica.facts = TRY(readProcess(document));
    replica.metricsPort = static_cast<std::uint16_t>(TRY(jsonInteger(document, "metrics_port", kStatusFile)));
    return replica;
}

} // namespace

nlohmann::json LocalStatus::toJson() const {
    nlohmann::json document = {{"schema", 1},
                               {"written_at", toMillis(writtenAt)},
                               {"started_at", toMillis(startedAt)},
                               {"supervisor", supervisor},
                               {"failure", failure},
                               {"time_factor", settings.timeFactor},
                               {"environment", settings.environment},
                               {"predict_port", settings.predictPort},
                               {"truth_port", settings.truthPort},
                               {"prometheus_port", settings.prometheusPort},
                               {"router_metrics_port", settings.routerMetricsPort},
                               {"truth", processJson(truth)},
                               {"router", processJson(router)},
                               {"prometheus", processJson(prometheus)},
                               {"replicas", nlohmann::json::array()},
                               {"splits", nlohmann::json::object()}};
    for (const ReplicaStatus& replica : replicas) {
        nlohmann::json item = processJson(replica.facts);
        item["model"] = replica.model.text();
        item["version"] = replica.version.text();
        item["slot"] = replica.slot;
        item["metrics_port"] = replica.metricsPort;
        document["replicas"].push_back(std::move(item));
    }
    for (const auto& [model, target] : splits)
        document["splits"][model.text()] = target.text();
    return document;
}

Result<LocalStatus> LocalStatus::fromJson(const nlohmann::json& document) {
    LocalStatus status;
    status.writtenAt = fromMillis(TRY(jsonInteger(document, "written_at", kStatusFile)));
    status.startedAt = fromMillis(TRY(jsonInteger(document, "started_at", kStatusFile)));
    status.supervisor = TRY(jsonInteger(document, "supervisor", kStatusFile));
    status.failure = TRY(jsonString(document, "failure", kStatusFile));
    status.settings.timeFactor = TRY(jsonNumber(document, "time_factor", kStatusFile));
    status.settings.environment = TRY(jsonString(document, "environment", kStatusFile));
    const auto port = [&](std::string_view name) -> Result<std::uint16_t> {
        return static_cast<std::uint16_t>(TRY(jsonInteger(document, name, kStatusFile)));
    };
    status.settings.predictPort = TRY(port("predict_port"));
    status.settings.truthPort = TRY(port("truth_port"));
    status.settings.prometheusPort = TRY(port("prometheus_port"));
    status.settings.routerMetricsPort = TRY(port("router_metrics_port"));
    const nlohmann::json empty;
    const auto part = [&](const char* name) -> const nlohmann::json& {
        const auto found = document.find(name);
        return found == document.end() ? empty : *found;
    };
    status.truth = TRY(readProcess(part("truth")));
    status.router = TRY(readProcess(part("router")));
    status.prometheus = TRY(readProcess(part("prometheus")));
    for (const nlohmann::json& item : part("replicas"))
        status.replicas.push_back(TRY(readReplica(item)));
    for (const auto& [model, target] : part("splits").items()) {
        if (!target.is_string())
            return fail(ErrorCode::Corrupt, "{}: the split of {} is not a text.", kStatusFile, shownText(model));
        status.splits[TRY(ModelName::parse(model))] = TRY(SplitTarget::parse(target.get<std::string>()));
    }
    return status;
}

Result<LocalStatus> LocalStatus::read(const std::filesystem::path& file) {
    return fromJson(TRY(parseJson(TRY(readFile(file)), kStatusFile)));
}

bool LocalStatus::alive(SystemTime now) const {
    return now - writtenAt <= kHeartbeatLimit && supervisorLives();
}

bool LocalStatus::supervisorLives() const {
    return processLives(static_cast<pid_t>(supervisor));
}

} // namespace perch::local
