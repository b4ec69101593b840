#pragma once

#include "core/data/row/row_transform.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::data {

/// The bins that are no training category or interval.
inline constexpr std::string_view kOtherBin = "other";
inline constexpr std::string_view kMissingBin = "missing";
inline constexpr std::string_view kUnseenBin = "unseen";

/// The bin label of a category: itself, in quotes if it reads like one of the three above.
std::string categoryBinLabel(std::string_view category);

/// The fixed bins of one feature, so that counts of any replica and any window merge by addition (decision 3 of
/// ARCHITECTURE.md). Number: up to 10 quantile bins, then `missing`. Boolean: `false`, `true`, `missing`.
/// Category: the 20 most frequent, `other` (rarer ones seen in training), `missing`, `unseen`.
/// The bin order is the order of `labels`; reference counts stand beside it.
struct FeatureBins {
    std::string feature;
    FieldType type = FieldType::Number;
    /// Number: upper edges of all bins but the last; bin i holds x <= edges[i]. Edges and x are compared as the 32-bit
    /// floats that the model reads, so that training, scoring and serving never disagree at an edge.
    std::vector<double> edges = {};
    std::vector<std::string> labels = {};   ///< One per bin; the value of the metric label `bin`
    std::vector<std::uint64_t> counts = {}; ///< Training rows per bin
    double importance = 0;                  ///< Share of gain over the exported features, 0 to 1, sum 1

    std::size_t binOfNumber(double value) const;
    std::size_t binOfMissing() const;
    std::size_t binOfCategory(std::string_view category, bool knownToTransform) const;
};

/// The ends of the range that a bin's label names, `(5.1, 5.4]`, infinite ones too; nothing for `missing` and categories.
std::optional<std::pair<double, double>> rangeOfBinLabel(std::string_view label);

/// The profile of the training data that drift is measured against. Belongs to one version. Immutable.
struct ReferenceProfile {
    std::uint64_t rows = 0;
    std::vector<FeatureBins> features; ///< At most the 20 most important features, most important first

    /// The bin of one cell of one of `features`.
    std::size_t binOf(std::size_t feature, const RowTransform& transform, const Cell& cell) const;

    nlohmann::json toJson() const;
    static Result<ReferenceProfile> fromJson(const nlohmann::json& document);
};

} // namespace perch::data
