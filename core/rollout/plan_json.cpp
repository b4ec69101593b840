#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/rollout/plan.h"
#include "core/rollout/record_json.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {

namespace {

constexpr const char* kThePlan = "The plan";

nlohmann::json toJson(const Check& check) {
    return {{"state", toString(check.state)}, {"headline", check.headline}, {"detail", check.detail}};
}

nlohmann::json toJson(const Intent& intent) {
    return {{"action", toString(intent.action)},
            {"model", intent.model.text()},
            {"to", versionJson(intent.to)},
            {"weight", intent.weight ? nlohmann::json(intent.weight->percent()) : nlohmann::json()},
            {"reason", intent.reason},
            {"actor", {{"identity", intent.actor.identity}, {"program", intent.actor.program}}}};
}

nlohmann::json toJson(const Step& step) {
    nlohmann::json preconditions = nlohmann::json::array();
    for (const Precondition& fact : step.preconditions)
        preconditions.push_back({{"object", fact.object}, {"field", fact.field}, {"value", fact.value}});
    return {{"title", step.title},       {"object", step.object},
            {"uid", step.uid},           {"field", step.field},
            {"before", step.before},     {"after", step.after},
            {"undo", step.undo},         {"writer", step.writer},
            {"required", step.required}, {"preconditions", std::move(preconditions)},
            {"changes", step.changes}};
}

nlohmann::json splitJson(const std::optional<Version>& stable, const std::optional<Version>& canary, Percent weight) {
    return {{"stable", versionJson(stable)}, {"canary", versionJson(canary)}, {"canary_weight", weight.percent()}};
}

Result<Intent> intentFromJson(const nlohmann::json& json) {
    Intent intent;
    intent.action = TRY(parseAction(TRY(jsonString(json, "action", kThePlan))));
    intent.model = TRY(ModelName::parse(TRY(jsonString(json, "model", kThePlan))));
    if (json.contains("to") && !json["to"].is_null())
        intent.to = TRY(Version::parse(TRY(jsonString(json, "to", kThePlan))));
    if (json.contains("weight") && !json["weight"].is_null())
        intent.weight = TRY(Percent::fromPercent(TRY(jsonNumber(json, "weight", kThePlan))));
    intent.reason = TRY(jsonString(json, "reason", kThePlan));
    if (!json.contains("actor"))
        return fail(ErrorCode::InvalidInput, "{}: the field \"actor\" is missing.", kThePlan);
    intent.actor.identity = TRY(jsonString(json["actor"], "identity", kThePlan));
    intent.actor.program = TRY(jsonString(json["actor"], "program", kThePlan));
    return intent;
}

Result<Step> stepFromJson(const nlohmann::json& json) {
    Step step;
    step.title = TRY(jsonString(json, "title", kThePlan));
    step.object = TRY(jsonString(json, "object", kThePlan));
    step.uid = TRY(jsonString(json, "uid", kThePlan));
    step.field = TRY(jsonString(json, "field", kThePlan));
    step.before = TRY(jsonString(json, "before", kThePlan));
    step.after = TRY(jsonString(json, "after", kThePlan));
    step.undo = TRY(jsonString(json, "undo", kThePlan));
    step.writer = TRY(jsonString(json, "writer", kThePlan));
    step.required = TRY(jsonBoolean(json, "required", kThePlan));
    for (const nlohmann::json& change : json.value("changes", nlohmann::json::array())) {
        if (!change.is_string())
            return fail(ErrorCode::InvalidInput, "{}: the field \"changes\" holds something that is no text.", kThePlan);
        step.changes.push_back(change.get<std::string>());
    }
    if (!json.contains("preconditions"))
        return step;
    for (const nlohmann::json& fact : json["preconditions"]) {
        step.preconditions.push_back({TRY(jsonString(fact, "object", kThePlan)),
                                      TRY(jsonString(fact, "field", kThePlan)),
                                      TRY(jsonString(fact, "value", kThePlan))});
    }
    return step;
}

} // namespace

std::string_view toString(Risk risk) {
    switch (risk) {
    case Risk::Low:
        return "low";
    case Risk::Medium:
        return "medium";
    case Risk::High:
        break;
    }
    return "high";
}

std::string_view toString(Check::State state) {
    switch (state) {
    case Check::State::Pass:
        return "pass";
    case Check::State::ToKnow:
        return "to_know";
    case Check::State::Fail:
        return "fail";
    case Check::State::NotChecked:
        break;
    }
    return "not_checked";
}

nlohmann::json toJson(const Plan& plan) {
    nlohmann::json steps = nlohmann::json::array();
    for (const Step& step : plan.steps)
        steps.push_back(toJson(step));
    nlohmann::json others = nlohmann::json::array();
    for (const Check& check : plan.checks)
        others.push_back(toJson(check));
    return {{"id", plan.id},
            {"intent", toJson(plan.intent)},
            {"generation", plan.generation},
            {"made_at", toIso8601(plan.madeAt)},
            {"made_at_ms", toMillis(plan.madeAt)},
            {"risk", toString(plan.risk)},
            {"steps", std::move(steps)},
            {"checks",
             {{"dry_run", toJson(plan.dryRun)}, {"capacity", toJson(plan.capacity)}, {"others", std::move(others)}}},
            {"owners", plan.owners},
            {"warnings", plan.warnings},
            {"blocked", plan.blocked()},
            {"before", splitJson(plan.stableBefore, plan.canaryBefore, plan.canaryWeightBefore)},
            {"after", splitJson(plan.stableAfter, plan.canaryAfter, plan.canaryWeightAfter)}};
}

Result<Plan> planFromJson(const nlohmann::json& json) {
    Plan plan;
    plan.id = TRY(jsonString(json, "id", kThePlan));
    if (!json.contains("intent") || !json.contains("steps"))
        return fail(ErrorCode::InvalidInput, "{} has no intent or no steps.", kThePlan);
    plan.intent = TRY(intentFromJson(json["intent"]));
    plan.generation = static_cast<std::uint64_t>(TRY(jsonInteger(json, "generation", kThePlan)));
    plan.madeAt = fromMillis(TRY(jsonInteger(json, "made_at_ms", kThePlan)));
    for (const nlohmann::json& step : json["steps"])
        plan.steps.push_back(TRY(stepFromJson(step)));
    return plan;
}

std::string digestOf(const Plan& plan) {
    return sha256(toJson(plan).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).hex();
}

} // namespace perch::rollout
