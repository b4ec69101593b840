#include "core/rollout/ratio_plan.h"

#include "core/rollout/plan_text.h"
#include "core/rollout/replica_ratio.h"

namespace perch::rollout {

void divideByReplicas(PlanBuilder& build, const Split& target) {
    const ReplicaRatio ratio = nearestRatio(wantedReplicas(build.model()), target.canaryWeight);
    if (!target.canary)
        return;
    const std::pair<Version, std::uint32_t> wanted[] = {{*target.canary, ratio.canary}, {target.stable, ratio.stable}};
    for (const auto& [version, count] : wanted) {
        if (build.replicas(version) < count)
            build.scale(version, count);
    }
    for (const auto& [version, count] : wanted)
        build.scale(version, count);
}

void giveAllReplicas(PlanBuilder& build, Version target, Capacity capacity) {
    const std::uint32_t all = wantedReplicas(build.model());
    if (capacity == Capacity::First && build.replicas(target) < all)
        build.scale(target, all);
    build.stopOthers({target}, true);
    // More than wanted are somebody's wish, and stay.
    if (build.replicas(target) < all)
        build.scale(target, all, false);
}

Capacity canTakeHalf(const fleet::ModelFacts& model, Version target) {
    const fleet::VersionFacts* facts = model.find(target);
    const bool half = facts != nullptr && facts->replicas.ready * 2 >= wantedReplicas(model);
    return half ? Capacity::Suffices : Capacity::First;
}

Check granularityCheck(const fleet::ModelFacts& model, Percent wanted) {
    const std::uint32_t all = wantedReplicas(model);
    const ReplicaRatio ratio = nearestRatio(all, wanted);
    const std::string have =
        fmt::format("{} of {} replicas are {} %", ratio.canary, ratio.all(), ratio.weight().text());
    const std::string more = ratio.all() > all ? fmt::format(" {} run meanwhile instead of {}.", ratio.all(), all) : "";
    if (ratio.weight() == wanted)
        return {Check::State::Pass, fmt::format("Granularity: {} % exactly", wanted.text()), have + "." + more};
    return {Check::State::ToKnow,
            fmt::format("Granularity: {} % instead of {} %", ratio.weight().text(), wanted.text()),
            fmt::format("{}: {} % asked, {} % is the nearest ({}).{}", replicasText(all), wanted.text(),
                        ratio.weight().text(), have, more)};
}

} // namespace perch::rollout
