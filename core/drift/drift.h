#pragma once

#include "core/data/table.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::drift {

/// How drift is judged.
///   Perch      PSI over the reference's bins, corrected for its bias; a feature drifts above 0.10; the data set by the
///              mean over features (equal weights: no model says which matter) above 0.15; undecided under 1,000 rows
///              on either side.
///   Evidently  the defaults of Evidently 0.7, by the number of reference values: up to 1,000 Kolmogorov-Smirnov,
///              chi-square or the z test of two shares (p 0.05), beyond that Wasserstein over the standard deviation or
///              Jensen-Shannon (0.1); the data set when at least half of the columns drift. Missing values are ignored.
enum class DriftPreset { Perch, Evidently };

struct DriftedColumn {
    std::string name;
    std::string method;          ///< `psi`, `ks`, `chi_square`, `z`, `normed_wasserstein`, `jensen_shannon`
    std::optional<double> score; ///< the distance, or the p of a test; empty: no values on a side
    double threshold = 0;
    std::optional<double> p;     ///< of a test
    std::optional<bool> drifted; ///< empty: undecided
    double effect = 0;           ///< for ranking: how far beyond the threshold, any method
};

struct DriftReport {
    DriftPreset preset = DriftPreset::Perch;
    std::uint64_t referenceRows = 0, currentRows = 0;
    std::vector<DriftedColumn> columns; ///< largest effect first
    double share = 0;                   ///< of the columns that drift
    double shareThreshold = 0.5;        ///< Evidently
    std::optional<double> score;        ///< Perch: mean PSI
    double scoreThreshold = 0.15;       ///< Perch
    std::optional<bool> drifted;        ///< the data set; empty: undecided
    std::string reason;                 ///< one sentence
};

/// Compares two tables column by column; the columns are those of `reference`, with the same types in `current`.
/// InvalidInput that names a column that `current` lacks or holds with another type.
Result<DriftReport> measureDrift(const data::Table& reference, const data::Table& current, DriftPreset preset);

/// Reads both CSV files, the second with the types inferred from the first, then compares.
Result<DriftReport> measureDriftOfFiles(const std::filesystem::path& reference, const std::filesystem::path& current,
                                        DriftPreset preset, const Clock& clock, std::stop_token stop);

/// The document of `perch drift --json`.
nlohmann::json toJson(const DriftReport& report);

} // namespace perch::drift
