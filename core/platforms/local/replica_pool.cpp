#include "core/platforms/local/replica_pool.h"

#include "core/base/file.h"
#include "core/base/log.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::local {

namespace {

using namespace std::chrono_literals;

constexpr auto kDrainDeadline = 15s;
constexpr auto kEndDeadline = 20s;

/// JSON is YAML, and quotes paths.
std::string servingText(const DeployedModel& model) {
    nlohmann::json lookup = {{"file", model.lookup->file}};
    if (model.lookup->maxAge)
        lookup["max_age"] = fmt::format("{}s", model.lookup->maxAge->count());
    return nlohmann::json{{"model", model.model.text()}, {"serving", {{"lookup", std::move(lookup)}}}}.dump();
}

} // namespace

ReplicaPool::ReplicaPool(LocalFiles files, const LocalSettings& settings, const Programs& programs, const Clock& clock)
    : m_files(files), m_settings(settings), m_programs(programs), m_clock(clock) {}

ReplicaPool::Replica* ReplicaPool::find(const Deployment& deployment, std::uint32_t index) {
    const auto found = std::ranges::find_if(m_replicas, [&](const Replica& replica) {
        return replica.model == deployment.model && replica.version == deployment.version && replica.index == index &&
               replica.stage == Replica::Stage::Serving;
    });
    return found == m_replicas.end() ? nullptr : &*found;
}

Result<void> ReplicaPool::reconcile(const std::vector<DeployedModel>& models,
                                    const std::vector<Deployment>& deployments) {
    std::set<const Replica*> wanted;
    for (const Deployment& deployment : deployments) {
        const auto model = std::ranges::find(models, deployment.model, &DeployedModel::model);
        if (model == models.end() || deployment.slot < 0)
            continue;
        for (std::uint32_t index = 0; index < deployment.replicas; ++index) {
            // One that still drains keeps its name; it is replaced when it is gone.
            const bool leaving = std::ranges::any_of(m_replicas, [&](const Replica& replica) {
                return replica.model == deployment.model && replica.version == deployment.version &&
                       replica.index == index && replica.stage != Replica::Stage::Serving;
            });
            if (!leaving && find(deployment, index) == nullptr)
                TRY(start(*model, deployment, index));
        }
    }
    for (Replica& replica : m_replicas) {
        const auto deployment = std::ranges::find_if(deployments, [&](const Deployment& candidate) {
            return candidate.model == replica.model && candidate.version == replica.version;
        });
        const bool keep = deployment != deployments.end() && replica.index < deployment->replicas &&
                          deployment->slot == replica.slot;
        if (!keep && replica.stage == Replica::Stage::Serving) {
            replica.stage = Replica::Stage::Draining;
            replica.server.state = RouterServer::State::Drain;
            replica.drainUntil = m_clock.steadyNow() + kDrainDeadline;
        }
    }
    return {};
}

Result<std::uint16_t> ReplicaPool::takePort() {
    // A free port is only used some milliseconds later: do not give it to two of ours.
    for (;;) {
        const std::uint16_t port = TRY(findFreePort());
        const bool taken = std::ranges::any_of(m_replicas, [port](const Replica& replica) {
            return replica.server.port == port || replica.metricsPort == port;
        });
        if (!taken)
            return port;
    }
}

Result<void> ReplicaPool::start(const DeployedModel& model, const Deployment& deployment, std::uint32_t index) {
    Replica replica;
    replica.model = deployment.model;
    replica.version = deployment.version;
    replica.index = index;
    replica.slot = deployment.slot;
    const std::string name =
        fmt::format("{}-{}-{}", deployment.model.text(), deployment.version.text(), index);
    replica.server = {backendName(deployment.model, deployment.slot), name, TRY(takePort()),
                      RouterServer::State::Ready};
    do {
        replica.metricsPort = TRY(takePort());
    } while (replica.metricsPort == replica.server.port);
    ChildCommand command;
    command.arguments = {m_programs.server.string(), "--package", deployment.package.string(), "--digest",
                         deployment.digest.hex(), "--model", deployment.model.text(), "--version",
                         deployment.version.text(), "--port", std::to_string(replica.server.port), "--metrics-port",
                         std::to_string(replica.metricsPort), "--path", model.path, "--truth", m_settings.truthUrl(),
                         "--admin-socket", m_files.adminSocket(name).filename().string(), "--mirror",
                         m_files.mirror(deployment.model).string()};
    if (model.lookup) {
        TRY(writeFileAtomically(m_files.serving(model.model), servingText(model)));
        command.arguments.insert(command.arguments.end(), {"--config", m_files.serving(model.model).string()});
    }
    command.folder = m_files.root;
    command.log = m_files.log(name);
    SupervisedProcess::Spec spec{name, std::move(command), replica.server.port, replica.server.port, "/readyz"};
    replica.process = std::make_unique<SupervisedProcess>(std::move(spec), m_clock);
    m_replicas.push_back(std::move(replica));
    return {};
}

void ReplicaPool::advance(const Router& router) {
    for (Replica& replica : m_replicas) {
        replica.process->advance();
        replica.introduced = replica.introduced || replica.process->ready();
        // One that was started again listens before its model is loaded: HAProxy must not see it until it is ready.
        if (replica.stage == Replica::Stage::Serving)
            replica.server.state = replica.process->ready() ? RouterServer::State::Ready : RouterServer::State::Maintenance;
        const bool drained = router.idle(replica.server) || m_clock.steadyNow() > replica.drainUntil;
        if (replica.stage == Replica::Stage::Draining && (drained || !replica.introduced)) {
            replica.stage = Replica::Stage::Leaving;
            replica.process->stop(kEndDeadline);
        }
    }
    std::erase_if(m_replicas, [](const Replica& replica) {
        return replica.stage == Replica::Stage::Leaving && replica.process->ended();
    });
}

void ReplicaPool::stopAll(std::chrono::milliseconds grace) {
    for (Replica& replica : m_replicas) {
        replica.stage = Replica::Stage::Leaving;
        replica.process->stop(grace);
    }
}

std::vector<RouterServer> ReplicaPool::routerServers() const {
    std::vector<RouterServer> servers;
    for (const Replica& replica : m_replicas) {
        if (replica.introduced && replica.stage != Replica::Stage::Leaving)
            servers.push_back(replica.server);
    }
    return servers;
}

std::vector<ScrapeTarget> ReplicaPool::scrapeTargets() const {
    std::vector<ScrapeTarget> targets;
    for (const Replica& replica : m_replicas) {
        if (replica.introduced && replica.stage == Replica::Stage::Serving)
            targets.push_back({replica.server.name, replica.metricsPort});
    }
    return targets;
}

std::vector<ReplicaStatus> ReplicaPool::statuses(const Router& router) const {
    std::vector<ReplicaStatus> statuses;
    for (const Replica& replica : m_replicas) {
        ReplicaStatus status{replica.model, replica.version, replica.slot, replica.process->facts(), replica.metricsPort};
        if (replica.stage != Replica::Stage::Serving) {
            status.facts.state = fleet::Replica::State::Draining;
            status.facts.reason = "It finishes its requests and ends.";
        } else if (status.facts.state == fleet::Replica::State::Ready && !router.usable(replica.server)) {
            status.facts.state = fleet::Replica::State::Starting;
            status.facts.reason = "HAProxy does not send it requests yet.";
        }
        statuses.push_back(std::move(status));
    }
    std::ranges::sort(statuses, {}, [](const ReplicaStatus& s) { return s.facts.name; });
    return statuses;
}

} // namespace perch::local
