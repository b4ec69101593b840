#include "app/cli/verbs/rollout_status.h"

#include "app/cli/open_platform.h"
#include "app/cli/verbs.h"
#include "core/present/gates.h"
#include "core/rollout/gate.h"
#include "core/rollout/record_json.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

using nlohmann::json;

json gatesJson(const fleet::ModelFacts& model, const std::optional<Version>& version) {
    json gates = json::array();
    if (version) {
        for (const rollout::GateVerdict& verdict : rollout::gatesOf(model, *version))
            gates.push_back(toJson(verdict));
    }
    return gates;
}

json rolloutJson(const fleet::ModelFacts& model) {
    const fleet::RolloutRecord& record = model.rollout;
    const auto time = [](SystemTime at) { return at == SystemTime{} ? json() : json(toIso8601(at)); };
    return {{"model", model.model.text()},
            {"phase", fleet::toString(model.phase)},
            {"phase_reason", model.phaseReason},
            {"stable", rollout::versionJson(model.route.stable)},
            {"canary", rollout::versionJson(model.route.canary)},
            {"canary_weight", model.route.canaryWeight.percent()},
            {"shadow", model.mirror ? rollout::versionJson(model.mirror->version) : json()},
            {"mirror_share", model.mirror ? json(model.mirror->share.percent()) : json()},
            {"started_at", time(record.startedAt)},
            {"step_since", time(record.stepSince)},
            {"gates", gatesJson(model, model.route.canary ? model.route.canary : model.route.stable)}};
}

void printGates(const present::GateTable& table) {
    if (table.rows.empty()) {
        fmt::print("{}\n", table.emptyText.english());
        return;
    }
    fmt::print("{}{}{}\n", table.heading.english(), table.summary.word.empty() ? "" : ": ",
               table.summary.word.english());
    for (const present::GateRow& row : table.rows)
        fmt::print("  {}: {}{}\n      {}\n", row.name.english(), row.word.english(), row.required ? "" : " (advisory)",
                   row.reason.english());
}

Result<int> runRolloutStatus(const Context& context, const std::string& name) {
    const ModelName model = TRY(ModelName::parse(name));
    const auto platform = TRY(openPlatform(context));
    const fleet::SnapshotPtr snapshot = platform->facts().read(context.stop);
    const fleet::ModelFacts* facts = snapshot->find(model);
    if (facts == nullptr)
        return fail(ErrorCode::NotFound, "There is no model {} on this platform.", model.text());
    if (context.json) {
        printJson(rolloutJson(*facts));
    } else {
        fmt::print("{}: {}\n{}\n", model.text(), fleet::toString(facts->phase), facts->phaseReason);
        printGates(present::makeGates(*facts));
    }
    return 0;
}

} // namespace

void addRolloutStatus(CLI::App& group) {
    const auto model = std::make_shared<std::string>();
    CLI::App* verb = addVerb(group, "status", "Where the rollout is and what its gates say",
                             [model](const Context& context) { return runRolloutStatus(context, *model); });
    verb->add_option("model", *model, "Name of the model")->required();
}

} // namespace perch::cli
