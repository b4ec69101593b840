#include "core/rollout/replica_ratio.h"

#include <algorithm>
#include <cstdlib>

namespace perch::rollout {

using Goal = fleet::RolloutRecord::Goal;

Percent shareOf(std::uint64_t part, std::uint64_t whole) {
    if (whole == 0)
        return Percent();
    return Percent::fromBasisPoints(static_cast<int>((part * 10'000 + whole / 2) / whole));
}

Percent ReplicaRatio::weight() const {
    return shareOf(canary, all());
}

ReplicaRatio nearestRatio(std::uint32_t wanted, Percent weight) {
    ReplicaRatio best;
    std::int64_t bestDistance = 0, bestAll = 1;
    const std::uint32_t fewest = std::max(wanted, 2U);
    for (std::uint32_t all = fewest; all <= std::max(fewest, wanted + 1); ++all) {
        const std::int64_t points = std::int64_t{all} * weight.basisPoints();
        const std::int64_t canary = std::clamp<std::int64_t>((points + 5'000) / 10'000, 1, std::int64_t{all} - 1);
        // |canary / all - weight|, compared as fractions.
        const std::int64_t distance = std::abs(canary * 10'000 - points);
        if (best.canary == 0 || distance * bestAll < bestDistance * all) {
            best = {static_cast<std::uint32_t>(all - canary), static_cast<std::uint32_t>(canary)};
            bestDistance = distance;
            bestAll = all;
        }
    }
    return best;
}

std::uint32_t wantedReplicas(const fleet::ModelFacts& model) {
    const fleet::RolloutRecord& record = model.rollout;
    const bool underWay = record.revision > 0 && (record.goal == Goal::Step || !record.finished);
    if (underWay && record.replicas > 0)
        return record.replicas;
    std::uint32_t all = 0;
    for (const fleet::VersionFacts& version : model.versions) {
        if (version.version == model.route.stable || version.version == model.route.canary)
            all += version.replicas.desired;
    }
    return std::max(all, 1U);
}

Percent reachableWeight(const fleet::ModelFacts& model, Percent wanted) {
    return model.lever == fleet::Lever::Split ? wanted : nearestRatio(wantedReplicas(model), wanted).weight();
}

const fleet::VersionFacts* strayVersion(const fleet::ModelFacts& model) {
    if (model.lever == fleet::Lever::Split)
        return nullptr;
    const auto found = std::ranges::find_if(model.versions, [&](const fleet::VersionFacts& version) {
        return version.replicas.desired > 0 && version.version != model.route.stable &&
               version.version != model.route.canary;
    });
    return found == model.versions.end() ? nullptr : &*found;
}

} // namespace perch::rollout
