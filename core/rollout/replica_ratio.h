#pragma once

#include "core/fleet/snapshot.h"

#include <cstdint>

namespace perch::rollout {

/// Where replicas behind one address divide the traffic (fleet::Lever::Replicas): how many each of two versions has.
struct ReplicaRatio {
    std::uint32_t stable = 0;
    std::uint32_t canary = 0;

    std::uint32_t all() const { return stable + canary; }
    /// The canary's share.
    Percent weight() const;
    bool operator==(const ReplicaRatio&) const = default;
};

/// `part` of `whole` replicas, or weights, as a share, rounded to a basis point; zero of zero is zero.
Percent shareOf(std::uint64_t part, std::uint64_t whole);

/// The ratio nearest to a weight, with `wanted` replicas in all or one more, and at least one on each side; of equally
/// near ones that with fewer replicas. 10 % of 10 replicas are 9 and 1; of 3 they are 3 and 1, which is 25 %.
ReplicaRatio nearestRatio(std::uint32_t wanted, Percent weight);

/// The replicas that a model wants in all, at least one: what its record says while a rollout is under way, else what
/// stable and canary have now.
std::uint32_t wantedReplicas(const fleet::ModelFacts& model);

/// The weight that a version can really get: where a router keeps weights any; else the nearest ratio's.
Percent reachableWeight(const fleet::ModelFacts& model, Percent wanted);

/// A version that takes traffic by its replicas though it is neither stable nor canary; nothing where there is none, or
/// where a router decides.
const fleet::VersionFacts* strayVersion(const fleet::ModelFacts& model);

} // namespace perch::rollout
