#include "core/model/predict/tree_walk.h"

#include <algorithm>
#include <bit>
#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace perch::model {

namespace {

/// From one node to the next in plain arithmetic, because a processor would guess every other branch wrong.
template <bool kMissing, bool kCategories>
std::uint32_t nextNode(const TreeNode& node, const float* values, const std::uint32_t* codes,
                       const std::uint32_t* words) {
    const std::uint32_t feature = node.feature & TreeNode::kFeature;
    const float value = values[feature];
    std::uint32_t right = value < node.threshold ? 0 : 1;
    if constexpr (kCategories) {
        const std::uint32_t category = node.feature >> TreeNode::kCategoryBit & 1;
        // Whatever is beyond the set becomes the bit after it. A split by a number reads the first word, which is 0.
        const std::uint32_t code =
            std::min(codes[feature], std::bit_cast<std::uint32_t>(node.threshold)) & (0 - category);
        const std::uint32_t chosen = words[node.words + code / 32] >> (code % 32);
        right = (chosen & category) | (right & ~category);
    }
    if constexpr (kMissing) {
        const std::uint32_t missing = std::isnan(value) ? 1 : 0;
        right = (right & ~missing) | (node.feature >> TreeNode::kMissingRightBit & missing);
    }
    return node.left + (right & node.feature >> TreeNode::kSplitBit);
}

template <bool kMissing, bool kCategories>
void walkPlain(const TreeEnsemble& ensemble, std::uint32_t steps, const WalkedRows& rows, std::span<WalkLanes> at) {
    const TreeNode* const nodes = ensemble.nodes.data();
    const std::uint32_t* const words = ensemble.words.data();
    for (std::size_t group = 0; group < at.size(); ++group) {
        WalkLanes& lanes = at[group];
        for (std::uint32_t step = 0; step < steps; ++step) {
            for (std::size_t lane = 0; lane < kWalkLanes; ++lane) {
                const std::size_t offset = (group * kWalkLanes + lane) * rows.stride;
                lanes[lane] = nextNode<kMissing, kCategories>(nodes[lanes[lane]], rows.values + offset,
                                                              kCategories ? rows.codes + offset : nullptr, words);
            }
        }
    }
}

#if defined(__x86_64__)

/// The bit `kBit` of every lane as a mask.
template <unsigned kBit>
[[gnu::target("avx2")]] __m256i maskOf(__m256i flags) {
    return _mm256_srai_epi32(_mm256_slli_epi32(flags, static_cast<int>(31 - kBit)), 31);
}

/// What does not change while trees are walked, as AVX2 wants it.
struct Walked {
    const int* nodes;
    const int* words;
    const float* values;
    const int* codes;
};

/// nextNode for eight lanes whose rows begin at `offsets`.
template <bool kMissing, bool kCategories>
[[gnu::target("avx2"), gnu::always_inline]] inline __m256i nextNodes(const Walked& walked, __m256i position,
                                                                     __m256i offsets) {
    const __m256i node = _mm256_slli_epi32(position, 2);
    const __m256 threshold = _mm256_castsi256_ps(_mm256_i32gather_epi32(walked.nodes, node, 4));
    const __m256i flags = _mm256_i32gather_epi32(walked.nodes + 1, node, 4);
    const __m256i left = _mm256_i32gather_epi32(walked.nodes + 2, node, 4);
    const __m256i feature = _mm256_and_si256(flags, _mm256_set1_epi32(static_cast<int>(TreeNode::kFeature)));
    const __m256i cell = _mm256_add_epi32(offsets, feature);
    const __m256 value = _mm256_i32gather_ps(walked.values, cell, 4);
    __m256i right = _mm256_castps_si256(_mm256_cmp_ps(value, threshold, _CMP_NLT_UQ));
    if constexpr (kCategories) {
        const __m256i category = maskOf<TreeNode::kCategoryBit>(flags);
        const __m256i known = _mm256_i32gather_epi32(walked.codes, cell, 4);
        const __m256i code = _mm256_and_si256(_mm256_min_epu32(known, _mm256_castps_si256(threshold)), category);
        const __m256i word =
            _mm256_add_epi32(_mm256_i32gather_epi32(walked.nodes + 3, node, 4), _mm256_srli_epi32(code, 5));
        const __m256i bits = _mm256_i32gather_epi32(walked.words, word, 4);
        const __m256i bit = _mm256_and_si256(code, _mm256_set1_epi32(31));
        right = _mm256_blendv_epi8(right, maskOf<0>(_mm256_srlv_epi32(bits, bit)), category);
    }
    if constexpr (kMissing) {
        const __m256i missing = _mm256_castps_si256(_mm256_cmp_ps(value, value, _CMP_UNORD_Q));
        right = _mm256_blendv_epi8(right, maskOf<TreeNode::kMissingRightBit>(flags), missing);
    }
    // A mask is -1: taking it away leads to the node after the left one.
    return _mm256_sub_epi32(left, _mm256_and_si256(right, maskOf<TreeNode::kSplitBit>(flags)));
}

/// Some groups in step: while the loads of one are under way, the others go on.
template <bool kMissing, bool kCategories, std::size_t kTogether>
[[gnu::target("avx2")]] void walkAvx2(const TreeEnsemble& ensemble, std::uint32_t steps, const WalkedRows& rows,
                                      std::span<WalkLanes> at, std::size_t first) {
    static_assert(sizeof(TreeNode) == 16 && kWalkLanes == 8);
    const Walked walked{reinterpret_cast<const int*>(ensemble.nodes.data()),
                        reinterpret_cast<const int*>(ensemble.words.data()), rows.values,
                        reinterpret_cast<const int*>(rows.codes)};
    const __m256i lanes =
        _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(static_cast<int>(rows.stride)));
    __m256i position[kTogether], offsets[kTogether];
    for (std::size_t i = 0; i < kTogether; ++i) {
        const auto row = static_cast<int>((first + i) * kWalkLanes * rows.stride);
        offsets[i] = _mm256_add_epi32(lanes, _mm256_set1_epi32(row));
        position[i] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at[first + i].data()));
    }
    for (std::uint32_t step = 0; step < steps; ++step) {
#pragma GCC unroll 4
        for (std::size_t i = 0; i < kTogether; ++i)
            position[i] = nextNodes<kMissing, kCategories>(walked, position[i], offsets[i]);
    }
    for (std::size_t i = 0; i < kTogether; ++i)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(at[first + i].data()), position[i]);
}

bool hasAvx2() {
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
}

#endif

template <bool kMissing, bool kCategories>
void walkSome(const TreeEnsemble& ensemble, std::uint32_t steps, const WalkedRows& rows, std::span<WalkLanes> at) {
#if defined(__x86_64__)
    constexpr std::size_t kIndexable = std::size_t{1} << 29, kTogether = 4;
    if (hasAvx2() && ensemble.nodes.size() < kIndexable && rows.stride * kWalkLanes * at.size() < kIndexable) {
        // A lane's index times four, and its cell, fit into 31 bits.
        std::size_t group = 0;
        for (; group + kTogether <= at.size(); group += kTogether)
            walkAvx2<kMissing, kCategories, kTogether>(ensemble, steps, rows, at, group);
        for (; group < at.size(); ++group)
            walkAvx2<kMissing, kCategories, 1>(ensemble, steps, rows, at, group);
        return;
    }
#endif
    walkPlain<kMissing, kCategories>(ensemble, steps, rows, at);
}

} // namespace

void walkTrees(const TreeEnsemble& ensemble, std::uint32_t steps, const WalkedRows& rows, std::span<WalkLanes> at) {
    const bool categories = rows.codes != nullptr;
    if (rows.missing)
        categories ? walkSome<true, true>(ensemble, steps, rows, at) : walkSome<true, false>(ensemble, steps, rows, at);
    else
        categories ? walkSome<false, true>(ensemble, steps, rows, at)
                   : walkSome<false, false>(ensemble, steps, rows, at);
}

} // namespace perch::model
