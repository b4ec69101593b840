#pragma once

#include "core/model/predict/tree_ensemble.h"

#include <array>
#include <span>

namespace perch::model {

/// So many walks go in step: while one waits for its next node, the others go on.
inline constexpr std::size_t kWalkLanes = 8;
using WalkLanes = std::array<std::uint32_t, kWalkLanes>;

/// What the lanes walk with: the values, and for trees with categories the same as codes.
struct WalkedRows {
    const float* values = nullptr;
    const std::uint32_t* codes = nullptr; ///< null: no tree splits by category
    std::size_t stride = 0;               ///< from the row of a lane to that of the next; 0: all walk the same row
    bool missing = false;                 ///< some value is NaN
};

/// Walks every lane from its node for `steps` steps; the rows of one group of lanes follow on those of the group
/// before. With AVX2 where the processor has it: the same comparisons, so the same leaves. Safe from any thread.
void walkTrees(const TreeEnsemble& ensemble, std::uint32_t steps, const WalkedRows& rows, std::span<WalkLanes> at);

} // namespace perch::model
