#pragma once

#include "core/base/clock.h"
#include "core/fleet/snapshot.h"
#include "core/rollout/intent.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace perch::rollout {

/// Of the requests, what a shadow gets copies of where nobody says otherwise.
inline constexpr int kMirrorBasisPoints = 1'000;

/// A fact that must still hold when the step begins; re-read by the executor.
struct Precondition {
    std::string object;
    std::string field;
    std::string value;
};

/// One write of one field, and what to wait for after it. Objects and fields are the platform's own names:
///   Deployment/churn-v2  replicas          "0" -> "1"      waits until that many are ready
///   Route/churn          split             "v1 100"  -> "v1 90, v2 10"      (core/rollout/split.h)
///   Mirror/churn         target            ""  -> "v2 10": copies of 10 % of the requests go to v2
///   Rollout/churn        record            JSON of the rollout record, compare-and-swap
///   Alias/churn          champion          "v1" -> "v2"
///   Deployment/churn     role              "stable" -> "retired", where labels say which version has which role
/// The same shape serves Kubernetes (a JSON patch with a `test` on `before`).
struct Step {
    std::string title; ///< for people: "Start 1 replica of v2"
    std::string object;
    std::string uid; ///< identity of the object when the plan was made; empty where it is created
    std::string field;
    std::string before; ///< value in the platform's text form; empty: not set
    std::string after;
    std::string undo;             ///< for people: how to take it back
    std::string writer = "Perch"; ///< or the controller that follows
    std::vector<Precondition> preconditions;
    std::vector<std::string> changes; ///< what else the write brings, a line each: `image: churn:v1 -> churn:v2`
    /// A step that the intent can do without (an alias or a clean-up after a rollback) may fail without failing the
    /// plan.
    bool required = true;
};

enum class Risk { Low, Medium, High };

/// One check of the plan, as shown in the dialog: a verdict, a headline and a line of detail.
struct Check {
    enum class State { Pass, ToKnow, Fail, NotChecked } state = State::NotChecked;
    std::string headline;
    std::string detail;
};

struct Plan {
    std::string id;
    Intent intent;
    std::uint64_t generation = 0; ///< of the snapshot it was made from
    SystemTime madeAt{};
    Risk risk = Risk::Low;
    std::vector<Step> steps; ///< in order: capacity, traffic, record, clean-up
    Check dryRun;
    Check capacity;
    std::vector<Check> checks; ///< the others: owner, gates skipped, expected time
    std::vector<std::string> owners;
    std::vector<std::string> warnings; ///< the uncomfortable fact first
    /// Traffic before and after, for the picture on top of the dialog.
    std::optional<Version> stableBefore, canaryBefore, stableAfter, canaryAfter;
    Percent canaryWeightBefore, canaryWeightAfter;
    std::string evidence; ///< JSON text of what was seen: values, windows, samples, generation; goes to the audit

    bool blocked() const { return dryRun.state == Check::State::Fail || capacity.state == Check::State::Fail; }
};

/// A plan is read again after this long.
inline constexpr std::chrono::seconds kPlanLifetime{60};

/// Pure: the same snapshot and intent give the same steps. InvalidInput or Conflict with one sentence when the
/// intent makes no sense now (no canary to promote, weight unchanged, unknown version).
Result<Plan> makePlan(const fleet::Snapshot& snapshot, const Intent& intent, SystemTime now);

/// Where a rollback without a version goes: while a rollout is under way back to where it came from; else to the
/// version that was stable before, else to the newest known one that is older. Nothing if there is none.
std::optional<Version> rollBackTarget(const fleet::ModelFacts& model);

/// Whether an intent makes sense now: empty, or the reason why not (the second line of the disabled button). Of the
/// intent only the action counts, and whether a rollback names its version.
std::string whyDisabled(const fleet::ModelFacts& model, const Intent& intent);

nlohmann::json toJson(const Plan& plan);
/// The intent and the steps of a plan that was written as JSON: what recovery needs. Checks and warnings are not read.
Result<Plan> planFromJson(const nlohmann::json& json);
/// SHA-256 of the plan's JSON.
std::string digestOf(const Plan& plan);
std::string_view toString(Risk risk);          ///< `low`, `medium`, `high`
std::string_view toString(Check::State state); ///< `pass`, `to_know`, `fail`, `not_checked`

} // namespace perch::rollout
