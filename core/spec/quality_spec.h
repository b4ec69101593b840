#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace perch::spec {

class YamlSection;

/// Limits of the checks before training (row D7). An absent one is not checked, except where a default is stated.
struct QualitySpec {
    std::uint64_t minimumRows = 50;
    double maximumMissing = 0.95;                 ///< share of one column
    std::optional<double> maximumDuplicates;      ///< share of rows that equal an earlier one
    double minimumClassShare = 0;                 ///< of the rarest class
    std::optional<double> maximumDrift;           ///< PSI of a column against the previous training set
    std::map<std::string, std::pair<double, double>> ranges = {};             ///< column -> [low, high]
    std::map<std::string, std::vector<std::string>> categories = {};         ///< column -> the allowed ones
    std::vector<std::string> required = {};       ///< columns that must be there
};

/// The section `quality`.
Result<void> readQuality(const YamlSection& top, QualitySpec& quality);

} // namespace perch::spec
