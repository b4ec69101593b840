#include "core/rollout/plan_text.h"

#include "core/rollout/record_json.h"
#include "core/rollout/split.h"

namespace perch::rollout {

namespace {

std::string trafficText(const std::optional<Version>& stable, const std::optional<Version>& canary, Percent weight) {
    return stable ? Split{*stable, canary, weight}.text() : "nothing";
}

std::string recordWords(const std::string& value) {
    const auto record = parseRecord(value);
    if (!record)
        return "not readable";
    std::string words(toString(record->goal));
    if (record->goal == fleet::RolloutRecord::Goal::Step)
        words += fmt::format(" {} %", wantedWeight(*record).text());
    if (record->goal == fleet::RolloutRecord::Goal::Shadow)
        words += fmt::format(" {} %", record->mirrorShare.text());
    if (record->from && record->to)
        words += fmt::format(" {} to {}", record->from->text(), record->to->text());
    words += record->failure.empty() ? (record->finished ? ", reached" : ", begun") : ", failed";
    if (record->hold != fleet::HoldReason::None)
        words += fmt::format(", held ({})", toString(record->hold));
    return words;
}

std::string checkLine(const Check& check) {
    return fmt::format("  [{}] {}. {}\n", toString(check.state), check.headline, check.detail);
}

} // namespace

std::string replicasText(std::uint32_t count) {
    return count == 1 ? "1 replica" : fmt::format("{} replicas", count);
}

std::string valueWords(const std::string& field, const std::string& value) {
    if (value.empty())
        return "not set";
    return field == "record" ? recordWords(value) : value;
}

std::string planText(const Plan& plan) {
    std::string text;
    for (const std::string& warning : plan.warnings)
        text += "warning: " + warning + "\n";
    text += fmt::format("traffic: {} -> {}\n", trafficText(plan.stableBefore, plan.canaryBefore, plan.canaryWeightBefore),
        trafficText(plan.stableAfter, plan.canaryAfter, plan.canaryWeightAfter));
    text += fmt::format("risk: {}\nsteps:\n", toString(plan.risk));
    int number = 0;
    for (const Step& step : plan.steps) {
        text += fmt::format("  {}. {}{}\n     {} {}: {} -> {}\n", ++number, step.title,
            step.required ? "" : " (the plan can do without)", step.object, step.field,
            valueWords(step.field, step.before), valueWords(step.field, step.after));
        for (const std::string& change : step.changes)
            text += fmt::format("     {}\n", change);
    }
    text += "checks:\n" + checkLine(plan.capacity) + checkLine(plan.dryRun);
    for (const Check& check : plan.checks)
        text += checkLine(check);
    return text;
}

} // namespace perch::rollout
