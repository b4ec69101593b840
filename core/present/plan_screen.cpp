#include "core/present/plan_screen.h"

#include "core/base/number_format.h"
#include "core/present/words.h"

#include <set>

namespace perch::present {

namespace {

using rollout::Action;
using rollout::Plan;

std::string glyphOf(Action action) {
    switch (action) {
    case Action::Start:
    case Action::SetWeight:
        return "weight";
    case Action::Promote:
    case Action::PromoteFully:
        return "promote";
    case Action::Pause:
        return "pause";
    case Action::Resume:
    case Action::Retry:
        return "resume";
    case Action::Shadow:
        return "shadow";
    case Action::Abort:
        return "abort";
    case Action::RollBack:
        return "rollback";
    }
    return "promote";
}

/// What the plan does, as the title and as the confirming button say it.
struct Wording {
    Text title, confirm;
};

Wording wordingOf(const Plan& plan) {
    const std::string model = plan.intent.model.text();
    const std::string canary = versionText(plan.canaryBefore ? plan.canaryBefore : plan.canaryAfter);
    const std::string weight = percentText(plan.canaryWeightAfter);
    switch (plan.intent.action) {
    case Action::Start:
        return {PERCH_TEXT("Plan", "Start canary of %1 %2 at %3", {model, versionText(plan.canaryAfter), weight}),
                PERCH_TEXT("Plan", "Start %1 at %2", {versionText(plan.canaryAfter), weight})};
    case Action::Promote:
        if (plan.canaryAfter)
            return {PERCH_TEXT("Plan", "Promote %1 %2 to %3", {model, canary, weight}),
                    PERCH_TEXT("Plan", "Promote to %1", {weight})};
        [[fallthrough]];
    case Action::PromoteFully:
        return {PERCH_TEXT("Plan", "Promote %1 %2 fully", {model, canary}), PERCH_TEXT("Plan", "Promote fully")};
    case Action::SetWeight:
        return {PERCH_TEXT("Plan", "Set weight of %1 %2 to %3", {model, canary, weight}),
                PERCH_TEXT("Plan", "Set weight to %1", {weight})};
    case Action::Pause:
        return {PERCH_TEXT("Plan", "Pause the rollout of %1 %2", {model, canary}),
                PERCH_TEXT("Plan", "Pause at %1", {weight})};
    case Action::Resume:
        return {PERCH_TEXT("Plan", "Resume the rollout of %1 %2", {model, canary}),
                PERCH_TEXT("Plan", "Resume at %1", {weight})};
    case Action::Shadow: {
        const std::string shadow = versionText(plan.intent.to);
        return {PERCH_TEXT("Plan", "Shadow %1 by %2", {model, shadow}), PERCH_TEXT("Plan", "Start shadow %1", {shadow})};
    }
    case Action::Abort:
        if (!plan.canaryBefore)
            return {PERCH_TEXT("Plan", "Abort the rollout of %1", {model}), PERCH_TEXT("Plan", "Abort")};
        return {PERCH_TEXT("Plan", "Abort the canary of %1 %2", {model, canary}),
                PERCH_TEXT("Plan", "Abort %1", {canary})};
    case Action::Retry:
        return {PERCH_TEXT("Plan", "Retry the rollout of %1 %2", {model, canary}), PERCH_TEXT("Plan", "Retry")};
    case Action::RollBack:
        return {PERCH_TEXT("Plan", "Roll back %1 to %2", {model, versionText(plan.stableAfter)}),
                PERCH_TEXT("Plan", "Roll back to %1", {versionText(plan.stableAfter)})};
    }
    return {};
}

Text keepText(const Plan& plan) {
    switch (plan.intent.action) {
    case Action::Abort:
    case Action::RollBack:
        return plan.canaryBefore ? PERCH_TEXT("Plan", "Keep canary")
                                 : PERCH_TEXT("Plan", "Keep %1", {versionText(plan.stableBefore)});
    case Action::Start:
    case Action::Shadow:
        return PERCH_TEXT("Plan", "Keep %1 alone", {versionText(plan.stableBefore)});
    case Action::Pause:
        return PERCH_TEXT("Plan", "Keep stepping");
    case Action::Resume:
        return PERCH_TEXT("Plan", "Keep paused");
    default:
        return PERCH_TEXT("Plan", "Keep %1", {percentText(plan.canaryWeightBefore)});
    }
}

TrafficBar barOf(const std::optional<Version>& stable, const std::optional<Version>& canary, Percent weight) {
    TrafficBar bar;
    const Percent canaryWeight = canary ? weight : Percent();
    const auto add = [&](const std::optional<Version>& version, Tone tone, Percent share) {
        if (!version || share == Percent())
            return;
        TrafficPart part;
        part.version = *version;
        part.tone = tone;
        part.wanted = share.share();
        part.name = verbatim(version->text());
        part.share = verbatim(percentText(share));
        bar.parts.push_back(std::move(part));
    };
    add(stable, Tone::Stable, Percent::fromBasisPoints(10'000 - canaryWeight.basisPoints()));
    add(canary, Tone::Canary, canaryWeight);
    if (bar.parts.empty())
        bar.emptyText = PERCH_TEXT("Plan", "no traffic");
    return bar;
}

Text candidateNote(const std::optional<Version>& canary, Percent weight) {
    return canary ? PERCH_TEXT("Plan", "%1 %2", {canary->text(), percentText(weight)}) : Text{};
}

/// The record of a rollout is JSON for machines; for people its fields are the plan itself.
std::string shown(const std::string& value) {
    if (value.empty())
        return "not set";
    constexpr std::size_t kLongest = 40;
    if (value.front() == '{')
        return "record";
    return value.size() <= kLongest ? value : value.substr(0, kLongest - 1) + "\u2026";
}

PlanRow makeRow(const rollout::Step& step) {
    PlanRow row;
    row.object = verbatim(step.object);
    row.field = verbatim(step.field);
    row.before = verbatim(shown(step.before));
    const bool record = !step.after.empty() && step.after.front() == '{';
    row.after = verbatim(record ? "updated" : shown(step.after));
    if (record && step.before.empty())
        row.after = verbatim("created");
    row.writer = verbatim(step.writer);
    row.byPerch = step.writer == "Perch";
    row.undo = maybeText(step.undo);
    return row;
}

/// What else a step brings, as rows of its object: `serve image: churn:v1 -> churn:v2`.
void addChanges(std::vector<PlanRow>& rows, const rollout::Step& step) {
    for (const std::string& change : step.changes) {
        const std::size_t colon = change.find(": "), arrow = change.find(" -> ", colon);
        PlanRow row = rows.back();
        row.undo = {};
        row.before = {};
        row.after = verbatim(change);
        row.field = PERCH_TEXT("Plan", "made as");
        if (colon != std::string::npos && arrow != std::string::npos) {
            row.field = verbatim(change.substr(0, colon));
            row.before = verbatim(shown(change.substr(colon + 2, arrow - colon - 2)));
            row.after = verbatim(shown(change.substr(arrow + 4)));
        }
        rows.push_back(std::move(row));
    }
}

PlanCheck makeCheck(const rollout::Check& check, const char* fallback) {
    PlanCheck result;
    switch (check.state) {
    case rollout::Check::State::Pass:
        result.state = State::Pass;
        break;
    case rollout::Check::State::ToKnow:
        result.state = State::Warning;
        break;
    case rollout::Check::State::Fail:
        result.state = State::Fail;
        break;
    case rollout::Check::State::NotChecked:
        result.state = State::NoData;
        break;
    }
    result.headline = verbatim(check.headline.empty() ? std::string(fallback) + ": not checked" : check.headline);
    result.detail = maybeText(check.detail);
    return result;
}

std::vector<Chip> chipsOf(const std::vector<PlanCheck>& checks) {
    const auto count = [&](State state) {
        return std::count_if(checks.begin(), checks.end(),
                             [&](const PlanCheck& check) { return check.state == state; });
    };
    std::vector<Chip> chips;
    if (const auto n = count(State::Pass); n > 0)
        chips.push_back({State::Pass, PERCH_TEXT("Plan", "%1 pass", {std::to_string(n)})});
    if (const auto n = count(State::Warning); n > 0)
        chips.push_back({State::Warning, PERCH_TEXT("Plan", "%1 to know", {std::to_string(n)})});
    if (const auto n = count(State::NoData); n > 0)
        chips.push_back({State::NoData, PERCH_TEXT("Plan", "%1 not checked", {std::to_string(n)})});
    if (const auto n = count(State::Fail); n > 0)
        chips.push_back({State::Fail, PERCH_TEXT("Plan", "%1 fails", {std::to_string(n)})});
    return chips;
}

Text changesNote(const Plan& plan) {
    std::set<std::string> objects;
    std::size_t ours = 0;
    for (const rollout::Step& step : plan.steps) {
        objects.insert(step.object);
        ours += step.writer == "Perch" ? 1 : 0;
    }
    const std::vector<std::string> numbers{std::to_string(ours), std::to_string(objects.size()),
                                           std::to_string(plan.steps.size() - ours)};
    if (ours < plan.steps.size())
        return PERCH_TEXT("Plan", "%1 fields written by Perch, %3 follow from the controller, in %2 objects", numbers);
    if (ours == 1)
        return PERCH_TEXT("Plan", "%1 field written by Perch in %2 object", numbers);
    return objects.size() == 1 ? PERCH_TEXT("Plan", "%1 fields written by Perch in %2 object", numbers)
                               : PERCH_TEXT("Plan", "%1 fields written by Perch in %2 objects", numbers);
}

std::string asText(const PlanScreen& screen, const Plan& plan) {
    std::string text = screen.title.english() + "\n";
    for (const std::string& warning : plan.warnings)
        text += "! " + warning + "\n";
    std::size_t number = 0;
    for (const rollout::Step& step : plan.steps) {
        text += fmt::format("{}. {}\n   {} {}: {} -> {}\n   undo: {}\n", ++number, step.title, step.object, step.field,
                            step.before.empty() ? "not set" : step.before, step.after.empty() ? "not set" : step.after,
                            step.undo);
        for (const std::string& change : step.changes)
            text += fmt::format("   {}\n", change);
    }
    for (const PlanCheck& check : screen.checks)
        text += fmt::format("[{}] {}. {}\n", toString(check.state), check.headline.english(), check.detail.english());
    return text;
}

void fillConfirmation(PlanScreen& screen, const Plan& plan) {
    const std::string model = plan.intent.model.text();
    const bool urgent = rollout::isUrgent(plan.intent.action);
    if (screen.environment != "production") {
        screen.confirmation = Confirmation::Click;
    } else if (urgent) {
        screen.confirmation = Confirmation::Hold;
        screen.confirmLabel = PERCH_TEXT("Plan", "Hold the button, or Ctrl+Enter, for one second");
    } else {
        screen.confirmation = Confirmation::TypedName;
        screen.confirmLabel = PERCH_TEXT("Plan", "Type %1 to confirm a change in production", {model});
        screen.confirmWord = model;
    }
    screen.blocked = plan.blocked();
    if (screen.blocked) {
        const rollout::Check& failing = plan.dryRun.state == rollout::Check::State::Fail ? plan.dryRun : plan.capacity;
        screen.blockedReason = maybeText(failing.headline);
    }
}

} // namespace

PlanScreen makePlanScreen(const Plan& plan, const fleet::Snapshot& snapshot, const std::string& place) {
    PlanScreen screen;
    const Wording wording = wordingOf(plan);
    screen.title = wording.title;
    screen.confirmButton = wording.confirm;
    screen.keepButton = keepText(plan);
    screen.glyph = glyphOf(plan.intent.action);
    screen.environment = snapshot.environment;
    screen.environmentWord = snapshot.environment == "production" ? PERCH_TEXT("Shell", "PRODUCTION")
                             : snapshot.environment == "staging"  ? PERCH_TEXT("Shell", "STAGING")
                                                                  : PERCH_TEXT("Shell", "DEVELOPMENT");
    screen.place = verbatim(snapshot.platform + " / " + place);
    screen.before = barOf(plan.stableBefore, plan.canaryBefore, plan.canaryWeightBefore);
    screen.after = barOf(plan.stableAfter, plan.canaryAfter, plan.canaryWeightAfter);
    screen.beforeNote = candidateNote(plan.canaryBefore, plan.canaryWeightBefore);
    screen.afterNote = plan.canaryAfter ? candidateNote(plan.canaryAfter, plan.canaryWeightAfter)
                       : plan.canaryBefore && plan.stableAfter != plan.canaryBefore
                           ? PERCH_TEXT("Plan", "%1 %2", {plan.canaryBefore->text(), percentText(Percent())})
                           : Text{};
    screen.warned = !plan.warnings.empty();
    if (screen.warned) {
        screen.warningTitle = verbatim(plan.warnings.front());
        std::string rest;
        for (std::size_t i = 1; i < plan.warnings.size(); ++i)
            rest += (i > 1 ? " " : "") + plan.warnings[i];
        screen.warningDetail = maybeText(rest);
    }
    screen.changesNote = changesNote(plan);
    for (const rollout::Step& step : plan.steps) {
        screen.rows.push_back(makeRow(step));
        addChanges(screen.rows, step);
    }
    screen.notTouched = PERCH_TEXT("Plan", "Not touched: other models, packages in the store, alert rules.");
    screen.checksNote = PERCH_TEXT("Plan", "read %1, repeated at the moment of writing", {clockTime(plan.madeAt)});
    screen.checks.push_back(makeCheck(plan.capacity, "Capacity"));
    screen.checks.push_back(makeCheck(plan.dryRun, "Dry run"));
    for (const rollout::Check& check : plan.checks)
        screen.checks.push_back(makeCheck(check, "Check"));
    screen.checkChips = chipsOf(screen.checks);
    screen.madeAt = plan.madeAt;
    screen.expiresAt = plan.madeAt + rollout::kPlanLifetime;
    fillConfirmation(screen, plan);
    screen.asText = asText(screen, plan);
    return screen;
}

Text validityText(const PlanScreen& screen, SystemTime now) {
    if (now >= screen.expiresAt)
        return PERCH_TEXT("Plan", "This plan is old. Reading again");
    const auto left = std::chrono::ceil<std::chrono::seconds>(screen.expiresAt - now);
    return PERCH_TEXT("Plan", "Plan valid for %1, then read again", {formatAge(left)});
}

Text doneText(const rollout::Intent& intent) {
    const std::string model = intent.model.text();
    switch (intent.action) {
    case Action::Start:
        return PERCH_TEXT("Plan", "Canary of %1 started", {model});
    case Action::Promote:
        return PERCH_TEXT("Plan", "%1 promoted to the next step", {model});
    case Action::PromoteFully:
        return PERCH_TEXT("Plan", "%1 promoted fully", {model});
    case Action::SetWeight:
        return PERCH_TEXT("Plan", "Weight of %1 set", {model});
    case Action::Pause:
        return PERCH_TEXT("Plan", "Rollout of %1 paused", {model});
    case Action::Resume:
        return PERCH_TEXT("Plan", "Rollout of %1 resumed", {model});
    case Action::Shadow:
        return PERCH_TEXT("Plan", "Shadow of %1 started", {model});
    case Action::Abort:
        return PERCH_TEXT("Plan", "Rollout of %1 aborted", {model});
    case Action::Retry:
        return PERCH_TEXT("Plan", "Rollout of %1 retried", {model});
    case Action::RollBack:
        return PERCH_TEXT("Plan", "%1 rolled back", {model});
    }
    return {};
}

} // namespace perch::present
