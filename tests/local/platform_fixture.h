#pragma once

#include "core/data/csv_reader.h"
#include "core/http/client.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "core/platforms/local/local_platform.h"
#include "core/platforms/local/local_runtime.h"
#include "core/registry/publish_package.h"
#include "tests/support/load.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <csignal>
#include <fstream>
#include <set>

namespace perch::test {

/// A workspace with trained versions and the real platform on it: supervisor, HAProxy, Prometheus, truth store and
/// replicas. Everything is stopped when it goes.
class RunningPlatform {
public:
    RunningPlatform() : workspace(valueOf(Workspace::open(m_folder / "ws"))) {}
    ~RunningPlatform() { (void)valueOf(local::LocalRuntime::open(workspace, clock)).down({}).has_value(); }

    /// Trains a small model and registers it; the first version of a model becomes its champion.
    void publish(const std::string& model, const std::string& table, const std::string& label, std::uint64_t seed) {
        const auto library = valueOf(model::XgboostLibrary::load());
        const data::Table rows = valueOf(data::readCsv(sourceFolder() / "resources/data" / table, clock,
            {.declared = {{label, data::FieldType::Category}}}));
        model::TrainRequest request{.model = valueOf(ModelName::parse(model)), .table = &rows, .label = label,
            .clock = &clock};
        request.training.rounds = 20;
        request.training.seed = seed;
        const model::TrainOutcome outcome = valueOf(model::train(*library, request));
        valueOf(registry::publishPackage(platform().registry(), workspace.packages(), outcome.parts, true, "test"));
        m_rows[model] = rowOf(outcome.parts.transform);
    }

    local::LocalStatus up(const local::UpOptions& options = {}) {
        return valueOf(valueOf(local::LocalRuntime::open(workspace, clock)).up(options, {}, {}));
    }
    local::LocalStatus status() { return valueOf(valueOf(local::LocalRuntime::open(workspace, clock)).status()); }
    /// Everything that is wanted is ready again.
    bool healthy() {
        const auto now = valueOf(local::LocalRuntime::open(workspace, clock)).status();
        if (!now)
            return false;
        const auto ready = [](const fleet::Replica& process) { return process.state == fleet::Replica::State::Ready; };
        return ready(now->router) && ready(now->truth) && ready(now->prometheus) &&
               std::ranges::all_of(now->replicas, [&](const auto& replica) { return ready(replica.facts); });
    }

    local::LocalPlatform& platform() {
        if (!m_platform)
            m_platform = valueOf(local::LocalPlatform::open(workspace, clock, "test@local"));
        return *m_platform;
    }

    /// Plans and carries out what a person wants.
    Result<rollout::ExecutionReport> perform(rollout::Intent intent) {
        intent.actor = {"test@local", "test_local"};
        intent.reason = "test";
        const rollout::Plan plan = TRY(platform().operations().plan(intent));
        return platform().operations().execute(plan, {});
    }

    /// Writes a field of the platform as the executor does.
    Result<void> write(const std::string& object, const std::string& field, const std::string& after) {
        rollout::Step step;
        step.object = object;
        step.field = field;
        step.before = TRY(platform().backend().read(object, field)).value;
        step.after = after;
        return platform().backend().write(step, {});
    }

    const std::string& row(const std::string& model) const { return m_rows.at(model); }

    /// One prediction; its answer.
    http::Response predict(const std::string& model, const http::Headers& headers = {}) {
        return valueOf(m_client.send({.method = "POST", .url = status().settings.predictUrl() + "/predict_" + model,
            .headers = headers, .body = row(model)}));
    }
    std::unique_ptr<LoadGenerator> load(const std::string& model, double perSecond = 0) {
        return LoadGenerator::start({.port = status().settings.predictPort, .connections = 8,
            .requestsPerSecond = perSecond,
            .next = [path = "/predict_" + model, body = row(model)](std::uint64_t) { return LoadRequest{path, body}; }});
    }

    /// The supervisor and all its descendants.
    std::set<std::int64_t> processes() {
        std::set<std::int64_t> family = {status().supervisor};
        for (std::size_t before = 0; before != family.size();) {
            before = family.size();
            for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
                if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos)
                    continue;
                std::ifstream stat(entry.path() / "stat");
                std::string text((std::istreambuf_iterator<char>(stat)), {});
                const std::size_t end = text.rfind(") ");
                if (end != std::string::npos && family.contains(std::atol(text.c_str() + end + 4)))
                    family.insert(std::atol(text.c_str()));
            }
        }
        return family;
    }

    const RealClock clock;

private:
    static std::string rowOf(const data::RowTransform& transform) {
        nlohmann::json row = nlohmann::json::object();
        for (const data::Field& field : transform.fields()) {
            if (field.type == data::FieldType::Category)
                row[field.name] = field.categories.front();
            else if (field.type == data::FieldType::Boolean)
                row[field.name] = true;
            else
                row[field.name] = 1.0;
        }
        return row.dump();
    }

    Folder m_folder;
    std::unique_ptr<local::LocalPlatform> m_platform;
    std::map<std::string, std::string> m_rows;
    http::Client m_client;

public:
    const Workspace workspace;
};

} // namespace perch::test
