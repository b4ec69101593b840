#include "core/rollout/plan.h"

#include "core/base/digest.h"
#include "core/rollout/plan_builder.h"
#include "core/rollout/plan_review.h"
#include "core/rollout/ratio_plan.h"
#include "core/rollout/record_json.h"
#include "core/rollout/replica_ratio.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {

namespace {

using fleet::ModelFacts;
using fleet::RolloutRecord;
using Goal = RolloutRecord::Goal;

/// What the functions below share: the facts, the wish and the plan in the making.
struct Draft {
    const ModelFacts& model;
    const Intent& intent;
    SystemTime now;
    Plan& plan;
    PlanBuilder build;

    Error refuse(ErrorCode code, std::string message) const { return Error{code, std::move(message)}; }
    RolloutRecord begun(Goal goal) const {
        RolloutRecord next = build.record();
        next.goal = goal;
        next.finished = false;
        next.failure.clear();
        next.executor = intent.actor.identity;
        if (byReplicas())
            next.replicas = wantedReplicas(model);
        return next;
    }
    bool byReplicas() const { return model.lever == fleet::Lever::Replicas; }
    RolloutRecord finished() const {
        RolloutRecord next = build.record();
        next.finished = true;
        return next;
    }
};

/// Puts a weight among the steps, in order, and returns its index.
std::uint32_t stepOf(std::vector<Percent>& weights, Percent weight) {
    const auto place = std::ranges::lower_bound(weights, weight);
    const auto index = static_cast<std::uint32_t>(place - weights.begin());
    if (place == weights.end() || *place != weight)
        weights.insert(place, weight);
    return index;
}

bool isAll(Percent weight) {
    return weight.basisPoints() == 10'000;
}

void expect(Draft& draft, Version stable, std::optional<Version> canary, Percent weight) {
    draft.plan.stableAfter = stable;
    draft.plan.canaryAfter = canary;
    draft.plan.canaryWeightAfter = weight;
}

/// Brings the canary to the weight that `next` names: capacity before more traffic, less traffic before less capacity.
void moveCanary(Draft& draft, RolloutRecord next, const std::string& title) {
    const Version stable = *draft.model.route.stable;
    const Version canary = *next.to;
    const Percent weight = wantedWeight(next);
    const std::uint32_t needed = replicasFor(draft.model, weight);
    draft.build.writeRecord(title, std::move(next), "Abort the rollout");
    draft.build.role(canary, fleet::Role::Canary);
    if (draft.byReplicas()) {
        divideByReplicas(draft.build, {stable, canary, weight});
    } else {
        draft.build.separate();
        if (needed > draft.build.replicas(canary))
            draft.build.scale(canary, needed);
        draft.build.mirror(std::nullopt);
        draft.build.reach(canary);
        draft.build.route({stable, canary, weight});
    }
    draft.build.moveAlias(registry::kChallenger, canary);
    draft.build.writeRecord(fmt::format("Record that {} has {} %", canary.text(), weight.text()), draft.finished(),
                            "Abort the rollout");
    if (!draft.byReplicas())
        draft.build.scale(canary, needed, false);
    expect(draft, stable, canary, weight);
}

/// The weight that the canary will get instead of `wanted`, and a word on the difference.
Percent reach(Draft& draft, Percent wanted) {
    if (draft.byReplicas())
        draft.plan.checks.push_back(granularityCheck(draft.model, wanted));
    return reachableWeight(draft.model, wanted);
}

/// The version that a rollout begins with: one that is known (or can be made), not stable, and no other than the one
/// that shadows.
Result<Version> candidateOf(const Draft& draft) {
    const ModelFacts& model = draft.model;
    if (!draft.intent.to)
        return fail(ErrorCode::InvalidInput, "Say which version of {} to start: --to v2.", model.model.text());
    const Version to = *draft.intent.to;
    if (model.find(to) == nullptr && model.keeper == fleet::Keeper::Registry)
        return fail(ErrorCode::NotFound, "{} has no version {}.", model.model.text(), to.text());
    if (to == model.route.stable)
        return fail(ErrorCode::Conflict, "{} is the stable version of {} already.", to.text(), model.model.text());
    if (model.mirror && model.mirror->version != to)
        return fail(ErrorCode::Conflict, "{} shadows {} already: abort that first.", model.mirror->version.text(),
                    model.model.text());
    return to;
}

/// The record of a rollout that begins.
RolloutRecord started(const Draft& draft, Goal goal, Version to) {
    RolloutRecord next = draft.begun(goal);
    next.id = fmt::format("{}-{}-{}", draft.model.model.text(), to.text(), draft.model.rollout.revision + 1);
    next.from = draft.model.route.stable;
    next.to = to;
    next.weights.clear();
    next.step = 0;
    next.mirrorShare = {};
    next.startedAt = draft.now;
    next.stepSince = draft.now;
    next.hold = fleet::HoldReason::None;
    next.holdBy.clear();
    next.holdUntil = {};
    return next;
}

/// Brings the shadow to the share that `next` names: capacity before more copies, fewer copies before less capacity.
void moveShadow(Draft& draft, RolloutRecord next) {
    const Version shadow = *next.to;
    const Percent share = next.mirrorShare;
    const std::uint32_t needed = replicasFor(draft.model, share);
    draft.build.writeRecord(fmt::format("Record the shadow {}", shadow.text()), std::move(next), "Abort the shadow");
    if (needed > draft.build.replicas(shadow))
        draft.build.scale(shadow, needed);
    draft.build.mirror(fleet::Mirror{shadow, share});
    draft.build.moveAlias(registry::kChallenger, shadow);
    draft.build.writeRecord(fmt::format("Record that {} gets copies of {} %", shadow.text(), share.text()),
                            draft.finished(), "Abort the shadow");
    draft.build.scale(shadow, needed, false);
    expect(draft, *draft.model.route.stable, {}, {});
}

Result<void> planShadow(Draft& draft) {
    const Version to = TRY(candidateOf(draft));
    const Percent share = draft.intent.weight.value_or(Percent::fromBasisPoints(kMirrorBasisPoints));
    if (share == Percent())
        return fail(ErrorCode::InvalidInput, "A shadow gets copies of more than 0 % of the requests; abort ends it.");
    if (draft.model.mirror && draft.model.mirror->share == share && draft.model.phase == fleet::Phase::Shadowing)
        return fail(ErrorCode::Conflict, "{} gets copies of {} % already.", to.text(), share.text());
    RolloutRecord next = started(draft, Goal::Shadow, to);
    next.mirrorShare = share;
    moveShadow(draft, std::move(next));
    return {};
}

Result<void> planStart(Draft& draft) {
    const ModelFacts& model = draft.model;
    const Version to = TRY(candidateOf(draft));
    const Percent wanted =
        draft.intent.weight.value_or(model.strategy.empty() ? Percent::fromBasisPoints(1000) : model.strategy.front());
    if (wanted.basisPoints() == 0 || isAll(wanted)) {
        return fail(ErrorCode::InvalidInput, "A canary starts with a weight above 0 and below 100 %, not with {} %.",
                    wanted.text());
    }
    const Percent weight = reach(draft, wanted);
    RolloutRecord next = started(draft, Goal::Step, to);
    next.weights = model.strategy;
    next.step = stepOf(next.weights, weight);
    moveCanary(draft, std::move(next), fmt::format("Record the start of the canary {}", to.text()));
    return {};
}

Result<void> planSetWeight(Draft& draft) {
    const RolloutRecord& record = draft.model.rollout;
    if (!draft.intent.weight)
        return fail(ErrorCode::InvalidInput, "Say which weight: perch rollout set-weight {} 25.",
                    draft.model.model.text());
    const Percent wanted = *draft.intent.weight;
    if (isAll(wanted)) {
        return fail(ErrorCode::InvalidInput, "All traffic is a promotion: perch rollout promote {} --full.",
                    draft.model.model.text());
    }
    if (wanted == Percent() && draft.byReplicas())
        return fail(ErrorCode::InvalidInput, "A canary that gets its traffic by replicas has at least one: abort takes "
                                             "all traffic from it.");
    const Percent weight = reach(draft, wanted);
    if (weight == draft.model.route.canaryWeight)
        return fail(ErrorCode::Conflict, "{} has {} % already{}.", record.to->text(), weight.text(),
                    weight == wanted ? "" : fmt::format(", and {} % is the nearest to {} %", weight.text(), wanted.text()));
    RolloutRecord next = draft.begun(Goal::Step);
    next.step = stepOf(next.weights, weight);
    next.stepSince = draft.now;
    moveCanary(draft, std::move(next), fmt::format("Record the new weight of {}", record.to->text()));
    return {};
}

/// All traffic to the candidate, then the names, then the old version down to one replica that waits for a rollback.
void promoteAll(Draft& draft) {
    const Version from = *draft.model.rollout.from;
    const Version to = *draft.model.rollout.to;
    const std::uint32_t whole = replicasFor(draft.model, Percent::fromBasisPoints(10'000));
    RolloutRecord next = draft.begun(Goal::Promote);
    next.hold = fleet::HoldReason::None;
    next.holdBy.clear();
    draft.build.writeRecord(fmt::format("Record the promotion of {}", to.text()), std::move(next), "Roll back");
    if (draft.byReplicas()) {
        giveAllReplicas(draft.build, to);
    } else {
        if (draft.build.replicas(to) < whole)
            draft.build.scale(to, whole);
        draft.build.route({to, {}, {}});
    }
    draft.build.onlyStable(to);
    draft.build.moveAlias(registry::kChampion, to);
    draft.build.moveAlias(registry::kChallenger, std::nullopt);
    RolloutRecord done = draft.finished();
    done.previousStable = from;
    done.step = done.weights.empty() ? 0 : static_cast<std::uint32_t>(done.weights.size() - 1);
    done.stepSince = draft.now;
    draft.build.writeRecord(fmt::format("Record that {} is stable", to.text()), std::move(done), "Roll back");
    draft.build.scale(from, std::min(1U, draft.build.replicas(from)), false);
    draft.build.stopOthers({from, to}, false);
    expect(draft, to, {}, {});
}

/// The verdicts that the promotion relies on, for the executor to look at again.
void relyOnGates(Draft& draft, const std::vector<GateVerdict>& gates) {
    for (const GateVerdict& gate : gates) {
        if (!gate.gate.required)
            continue;
        draft.plan.steps.front().preconditions.push_back(
            {fmt::format("Gate/{}-{}", draft.model.model.text(), gate.gate.version.text()),
             std::string(toString(gate.gate.quantity)) + (gate.gate.against.empty() ? "" : "_against_stable"),
             std::string(toString(gate.verdict))});
    }
}

Result<void> planPromote(Draft& draft) {
    const RolloutRecord& record = draft.model.rollout;
    const std::vector<GateVerdict> gates = gatesOf(draft.model, *record.to);
    for (const GateVerdict& gate : gates) {
        if (gate.gate.required && gate.verdict == Verdict::Fail) {
            return fail(ErrorCode::Conflict, "A required gate fails: {} Promote fully skips the gates.", gate.reason);
        }
    }
    // Of a few replicas several weights may be the same ratio.
    std::uint32_t step = record.step + 1;
    while (step < record.weights.size() && draft.byReplicas() && !isAll(record.weights[step]) &&
           reachableWeight(draft.model, record.weights[step]) <= draft.model.route.canaryWeight)
        ++step;
    if (step >= record.weights.size() || isAll(record.weights[step])) {
        promoteAll(draft);
    } else {
        RolloutRecord next = draft.begun(Goal::Step);
        const Percent weight = reach(draft, next.weights[step]);
        next.step = stepOf(next.weights, weight);
        next.stepSince = draft.now;
        next.hold = fleet::HoldReason::None;
        next.holdBy.clear();
        moveCanary(draft, std::move(next), fmt::format("Record the step to {} %", weight.text()));
    }
    relyOnGates(draft, gates);
    return {};
}

Result<void> planHold(Draft& draft, fleet::HoldReason hold) {
    RolloutRecord next = draft.model.rollout;
    next.hold = hold;
    next.holdBy = hold == fleet::HoldReason::None ? std::string() : draft.intent.actor.identity;
    next.holdUntil = {};
    next.executor = draft.intent.actor.identity;
    const bool pause = hold != fleet::HoldReason::None;
    draft.build.writeRecord(pause ? "Hold the steps of the rollout" : "Let the steps of the rollout go on",
                            std::move(next), pause ? "Resume" : "Pause");
    expect(draft, *draft.model.route.stable, draft.model.route.canary, draft.model.route.canaryWeight);
    return {};
}

/// Where the traffic goes when a rollout is aborted: what is stable now, unless the promotion had already moved it.
Version abortTarget(const ModelFacts& model) {
    const RolloutRecord& record = model.rollout;
    const bool promoted = record.goal == Goal::Promote && !record.finished && model.route.stable == record.to;
    return promoted && record.from ? *record.from : *model.route.stable;
}

/// Traffic first where something can take it, the missing replicas after it; where nothing can, they come before.
void moveAllTo(Draft& draft, Version target, RolloutRecord begin) {
    const fleet::VersionFacts* facts = draft.model.find(target);
    const std::uint32_t whole = replicasFor(draft.model, Percent::fromBasisPoints(10'000));
    const bool canTakeIt = facts != nullptr && facts->replicas.ready > 0;
    const bool aborts = begin.goal == Goal::Abort;
    draft.build.writeRecord(aborts ? "Record the abort" : fmt::format("Record the rollback to {}", target.text()),
                            std::move(begin), "Start again");
    if (draft.byReplicas()) {
        giveAllReplicas(draft.build, target, canTakeHalf(draft.model, target));
    } else {
        if (!canTakeIt && draft.build.replicas(target) < whole)
            draft.build.scale(target, whole);
        draft.build.reach(target);
        draft.build.route({target, {}, {}});
    }
    draft.build.mirror(std::nullopt, false);
    draft.build.onlyStable(target);
    draft.build.moveAlias(registry::kChampion, target, false);
    draft.build.moveAlias(registry::kChallenger, std::nullopt, false);
    RolloutRecord done = draft.finished();
    if (!aborts)
        done.previousStable.reset();
    draft.build.writeRecord(fmt::format("Record that {} has all traffic", target.text()), std::move(done),
                            "Start again");
    if (draft.build.replicas(target) < whole)
        draft.build.scale(target, whole, false);
    expect(draft, target, {}, {});
}

Result<void> planAbort(Draft& draft) {
    const Version target = abortTarget(draft.model);
    RolloutRecord next = draft.begun(Goal::Abort);
    if (draft.model.route.canary)
        next.to = draft.model.route.canary;
    next.from = target;
    next.hold = fleet::HoldReason::None;
    next.holdBy.clear();
    moveAllTo(draft, target, std::move(next));
    std::vector<Version> keep{target};
    if (draft.model.rollout.previousStable)
        keep.push_back(*draft.model.rollout.previousStable);
    draft.build.stopOthers(keep, false);
    return {};
}

Result<void> planRollBack(Draft& draft) {
    const ModelFacts& model = draft.model;
    // Without a version to go to, whyDisabled has refused already.
    const Version target = draft.intent.to ? *draft.intent.to : rollBackTarget(model).value();
    if (model.find(target) == nullptr)
        return fail(ErrorCode::NotFound, "{} has no version {}.", model.model.text(), target.text());
    if (target == model.route.stable && !model.route.canary && model.rollout.finished)
        return fail(ErrorCode::Conflict, "{} has all traffic of {} already.", target.text(), model.model.text());
    RolloutRecord next = draft.begun(Goal::RollBack);
    next.id = fmt::format("{}-{}-{}", model.model.text(), target.text(), model.rollout.revision + 1);
    next.from = target == model.route.stable && model.route.canary ? model.route.canary : model.route.stable;
    next.to = target;
    next.weights.clear();
    next.step = 0;
    next.startedAt = draft.now;
    next.stepSince = draft.now;
    next.hold = fleet::HoldReason::None;
    next.holdBy.clear();
    moveAllTo(draft, target, std::move(next));
    draft.build.stopOthers({target}, false);
    return {};
}

Result<void> planRetry(Draft& draft) {
    switch (draft.model.rollout.goal) {
    case Goal::Promote:
        promoteAll(draft);
        return {};
    case Goal::Abort:
        return planAbort(draft);
    case Goal::RollBack:
        return planRollBack(draft);
    case Goal::Shadow:
        if (draft.model.rollout.to) {
            moveShadow(draft, draft.begun(Goal::Shadow));
            return {};
        }
        break;
    case Goal::Step:
    case Goal::None:
        break;
    }
    if (!draft.model.rollout.to)
        return draft.refuse(ErrorCode::Conflict, "The record does not say which version was on its way.");
    moveCanary(draft, draft.begun(Goal::Step), fmt::format("Record the new try of {}", draft.model.rollout.to->text()));
    return {};
}

Result<void> planAction(Draft& draft) {
    switch (draft.intent.action) {
    case Action::Start:
        return planStart(draft);
    case Action::Promote:
        return planPromote(draft);
    case Action::PromoteFully:
        promoteAll(draft);
        return {};
    case Action::SetWeight:
        return planSetWeight(draft);
    case Action::Pause:
        return planHold(draft, fleet::HoldReason::Person);
    case Action::Resume:
        return planHold(draft, fleet::HoldReason::None);
    case Action::Shadow:
        return planShadow(draft);
    case Action::Abort:
        return planAbort(draft);
    case Action::Retry:
        return planRetry(draft);
    case Action::RollBack:
        break;
    }
    return planRollBack(draft);
}

/// The same facts, wish and moment give the same identifier, so that a plan cannot be carried out twice.
std::string identifierOf(const Plan& plan) {
    nlohmann::json json = toJson(plan);
    return sha256(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).hex().substr(0, 32);
}

} // namespace

Result<Plan> makePlan(const fleet::Snapshot& snapshot, const Intent& intent, SystemTime now) {
    const ModelFacts* model = snapshot.find(intent.model);
    if (model == nullptr)
        return fail(ErrorCode::NotFound, "There is no model {} on this platform.", intent.model.text());
    if (std::string reason = whyDisabled(*model, intent); !reason.empty())
        return Error{ErrorCode::Conflict, std::move(reason)};
    Plan plan;
    plan.intent = intent;
    plan.generation = snapshot.generation;
    plan.madeAt = now;
    plan.stableBefore = model->route.stable;
    plan.canaryBefore = model->route.canary;
    plan.canaryWeightBefore = model->route.canaryWeight;
    Draft draft{*model, intent, now, plan, PlanBuilder(*model, plan)};
    TRY(planAction(draft));
    review(snapshot, *model, plan);
    plan.id = identifierOf(plan);
    return plan;
}

} // namespace perch::rollout
