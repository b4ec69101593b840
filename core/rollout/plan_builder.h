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
    std::uint32_t replicas(Version version) const;
    std::string alias(const char* name) const;

    void writeRecord(std::string title, fleet::RolloutRecord next, std::string undo);
    void scale(Version version, std::uint32_t count, bool required = true);
    void route(const Split& next);
    /// Nothing ends the mirror.
    void mirror(const std::optional<fleet::Mirror>& next, bool required = true);
    /// Nothing removes the alias.
    void moveAlias(const char* name, std::optional<Version> to, bool required = true);
    /// Stops every version but those in `keep`.
    void stopOthers(const std::vector<Version>& keep, bool required);

private:
    Step& add(Step step);
    const fleet::ModelFacts& m_model;
    Plan& m_plan;
    fleet::RolloutRecord m_record;
    std::string m_split;
    std::string m_mirror;
    std::map<Version, std::uint32_t> m_replicas;
    std::map<std::string, std::string> m_aliases;
};

/// Replicas that a version needs for a share of the traffic: at least one.
std::uint32_t replicasFor(const fleet::ModelFacts& model, Percent weight);

} // namespace perch::rollout
