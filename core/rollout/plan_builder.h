#pragma once

#include "core/rollout/plan.h"
#include "core/rollout/split.h"

#include <map>

namespace perch::rollout {

/// Lays the steps of a plan one after another and keeps what the fields will be after each, so that the `before` of a
/// step is what the step before it leaves. A write that would change nothing adds no step. Used by makePlan only.
class PlanBuilder {
public:
    PlanBuilder(const fleet::ModelFacts& model, Plan& plan);

    const fleet::RolloutRecord& record() const { return m_record; }
    const fleet::ModelFacts& model() const { return m_model; }
    std::uint32_t replicas(Version version) const;
    std::string alias(const char* name) const;

    void writeRecord(std::string title, fleet::RolloutRecord next, std::string undo);
    void scale(Version version, std::uint32_t count, bool required = true);
    void route(const Split& next);
    /// Labels the object of a version with its role. No step where the route gives the roles, nor for an object that is
    /// not there: it gets the label of a canary when it is made.
    void role(Version version, fleet::Role role, bool required = true);
    /// The version that takes all traffic is labelled stable, then every other one that was stable or canary retired.
    void onlyStable(Version version);
    /// Where a router keeps an address for each version that is an object: stable's selects stable only, before replicas
    /// of another version appear behind it.
    void separate();
    /// And that of a version is there and known to the route, without traffic. No steps elsewhere.
    void reach(Version version);
    /// Nothing ends the mirror.
    void mirror(const std::optional<fleet::Mirror>& next, bool required = true);
    /// Nothing removes the alias. No step where no registry keeps aliases.
    void moveAlias(const char* name, std::optional<Version> to, bool required = true);
    /// Stops every version but those in `keep`.
    void stopOthers(const std::vector<Version>& keep, bool required);

private:
    Step& add(Step step);
    std::string objectOf(Version version) const;
    const fleet::ModelFacts& m_model;
    Plan& m_plan;
    fleet::RolloutRecord m_record;
    std::string m_split;
    std::string m_mirror;
    std::string m_listed; ///< names of the addresses that the route knows, `churn, churn-v2`
    std::map<Version, std::uint32_t> m_replicas;
    std::map<Version, std::string> m_roles; ///< of the versions that have an object
    std::map<std::string, std::string> m_aliases;
};

/// Replicas that a version needs for a share of the traffic: at least one. Where their numbers divide the traffic,
/// those of the nearest ratio.
std::uint32_t replicasFor(const fleet::ModelFacts& model, Percent weight);

} // namespace perch::rollout
