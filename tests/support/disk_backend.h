#pragma once

#include "core/base/json.h"
#include "core/fleet/facts_source.h"
#include "core/rollout/backend.h"
#include "core/rollout/labelled_roles.h"
#include "core/rollout/phase.h"
#include "core/rollout/record_json.h"
#include "core/rollout/split.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <mutex>

namespace perch::test {

/// A whole platform in one JSON file: the fields of deployments, routes, rollout records and aliases, each write a
/// compare-and-set in one atomic replacement. Deterministic, and what it says survives the process. It is both ports of
/// a platform, so planner, executor and recovery run on it as they do on the real ones.
class DiskBackend final : public rollout::Backend, public fleet::FactsSource {
public:
    DiskBackend(std::filesystem::path file, const Clock& clock) : m_file(std::move(file)), m_clock(clock) {}

    /// A model with its stable version on `replicas` replicas, and other versions that only the registry knows.
    void create(const std::string& model, int stable, int replicas, const std::vector<int>& others) {
        nlohmann::json json = load();
        const std::string version = "v" + std::to_string(stable);
        set(json, "Route/" + model, "split", version + " 100");
        set(json, "Deployment/" + model + "-" + version, "replicas", std::to_string(replicas));
        set(json, "Alias/" + model, "champion", version);
        for (const int other : others)
            set(json, "Deployment/" + model + "-v" + std::to_string(other), "replicas", "0");
        valueOf(save(json));
    }
    /// A model whose traffic follows the numbers of replicas, and whose versions are those that have a deployment.
    void createLabelled(const std::string& model, int stable, int replicas) {
        nlohmann::json json = load();
        const std::string deployment = "Deployment/" + model + "-v" + std::to_string(stable);
        set(json, "Route/" + model, "lever", "replicas");
        set(json, deployment, "replicas", std::to_string(replicas));
        set(json, deployment, "role", "stable");
        valueOf(save(json));
    }
    void setField(const std::string& object, const std::string& field, const std::string& value) {
        nlohmann::json json = load();
        set(json, object, field, value);
        valueOf(save(json));
    }
    /// All fields, for comparing what is with what should be.
    std::map<std::string, std::string> fields() const {
        std::map<std::string, std::string> all;
        const nlohmann::json objects = load();
        for (const auto& [object, content] : objects.items()) {
            for (const auto& [field, value] : content["fields"].items())
                all[object + " " + field] = value.get<std::string>();
        }
        return all;
    }

    /// Called before each write and each wait; may fail them.
    std::function<Result<void>(const rollout::Step&)> onWrite, onWait;
    bool sourcesDown = false;

    Result<rollout::FieldState> read(const std::string& object, const std::string& field) override {
        const std::lock_guard guard(m_mutex);
        const nlohmann::json json = load();
        rollout::FieldState state;
        if (json.contains(object)) {
            state.uid = object.starts_with("Alias/") ? "" : json[object]["uid"].get<std::string>();
            state.value = json[object]["fields"].value(field, std::string());
        }
        if (field == "replicas" && state.value.empty())
            state.value = "0";
        return state;
    }

    Result<void> write(const rollout::Step& step, const rollout::Intent&) override {
        if (onWrite)
            TRY(onWrite(step));
        const std::lock_guard guard(m_mutex);
        nlohmann::json json = load();
        const std::string now =
            json.contains(step.object) ? json[step.object]["fields"].value(step.field, std::string()) : std::string();
        const auto same = [&](const std::string& value) {
            return now == value || (step.field == "replicas" && now.empty() && value == "0");
        };
        if (same(step.after))
            return {};
        if (!same(step.before))
            return fail(ErrorCode::Conflict, "{} {} is \"{}\" on disk.", step.object, step.field, now);
        const bool made = !json.contains(step.object);
        set(json, step.object, step.field, step.after);
        const std::string route = step.object.substr(0, step.object.rfind("-v")).replace(0, 10, "Route");
        if (made && step.field == "replicas" && json.contains(route) && json[route]["fields"].contains("lever"))
            set(json, step.object, "role", "canary");
        return save(json);
    }

    Result<void> awaitEffect(const rollout::Step& step, std::stop_token stop, SteadyTime) override {
        if (onWait)
            TRY(onWait(step));
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Stopped.");
        return {};
    }

    fleet::SnapshotPtr read(std::stop_token) override {
        auto snapshot = std::make_shared<fleet::Snapshot>();
        snapshot->generation = ++m_generation;
        snapshot->takenAt = m_clock.now();
        snapshot->platform = "disk";
        using State = fleet::SourceFacts::State;
        snapshot->sources.push_back({"Prometheus", sourcesDown ? State::Down : State::Ok, Seconds(1), {}});
        const nlohmann::json json = load();
        for (const auto& [object, content] : json.items()) {
            if (object.starts_with("Route/"))
                snapshot->models.push_back(factsOf(json, object.substr(6)));
        }
        return snapshot;
    }

private:
    nlohmann::json load() const {
        const auto bytes = readFile(m_file);
        return bytes ? valueOf(parseJson(*bytes, "the disk platform")) : nlohmann::json::object();
    }
    Result<void> save(const nlohmann::json& json) const { return writeFileAtomically(m_file, json.dump()); }
    static void set(nlohmann::json& json, const std::string& object, const std::string& field, const std::string& value) {
        if (!json.contains(object))
            json[object] = {{"uid", "uid-" + object}, {"fields", nlohmann::json::object()}};
        json[object]["fields"][field] = value;
    }

    fleet::ModelFacts factsOf(const nlohmann::json& json, const std::string& name) const {
        const auto field = [&](const std::string& object, const char* key) {
            return json.contains(object) ? json[object]["fields"].value(key, std::string()) : std::string();
        };
        fleet::ModelFacts model;
        model.model = valueOf(ModelName::parse(name));
        model.backend = "disk";
        model.route.object = "Route/" + name;
        model.route.uid = json[model.route.object]["uid"].get<std::string>();
        const bool labelled = field(model.route.object, "lever") == "replicas";
        const rollout::Split split =
            labelled ? rollout::Split() : valueOf(rollout::Split::parse(field(model.route.object, "split")));
        model.route.stable = split.stable;
        model.route.canary = split.canary;
        model.route.canaryWeight = split.canaryWeight;
        model.mirror = valueOf(rollout::parseMirror(field("Mirror/" + name, "target")));
        model.rollout = valueOf(rollout::parseRecord(field("Rollout/" + name, "record")));
        if (model.rollout.revision > 0)
            model.rolloutUid = json["Rollout/" + name]["uid"].get<std::string>();
        for (const char* alias : {"champion", "challenger"}) {
            if (const std::string version = field("Alias/" + name, alias); !version.empty())
                model.aliases[alias] = valueOf(Version::parse(version));
        }
        const std::string prefix = "Deployment/" + name + "-";
        for (const auto& [object, content] : json.items()) {
            if (!object.starts_with(prefix))
                continue;
            fleet::VersionFacts facts;
            facts.version = valueOf(Version::parse(object.substr(prefix.size())));
            facts.role = facts.version == split.stable    ? fleet::Role::Stable
                         : facts.version == split.canary ? fleet::Role::Canary
                         : model.mirror && facts.version == model.mirror->version ? fleet::Role::Shadow
                                                         : fleet::Role::Retired;
            facts.replicas.desired = static_cast<std::uint32_t>(std::stoul(field(object, "replicas")));
            facts.replicas.running = facts.replicas.ready = facts.replicas.desired;
            facts.replicas.uid = content["uid"].get<std::string>();
            facts.roleLabel = field(object, "role");
            if (sourcesDown)
                facts.quality.accuracy.state = telemetry::LiveState::SourceDown;
            model.versions.push_back(std::move(facts));
        }
        if (labelled) {
            model.lever = fleet::Lever::Replicas;
            model.keeper = fleet::Keeper::Objects;
            model.whyFixed = rollout::assignRoles(model);
        }
        const rollout::PhaseVerdict phase = rollout::phaseOf(model);
        model.phase = phase.phase;
        model.phaseReason = phase.reason;
        return model;
    }

    std::filesystem::path m_file;
    const Clock& m_clock;
    std::uint64_t m_generation = 0;
    std::mutex m_mutex;
};

} // namespace perch::test
