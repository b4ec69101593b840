#pragma once

#include "core/data/table.h"
#include "core/stats/share_difference.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::drift {

/// How drift is judged.
///   Perch      PSI over the reference's bins (deciles; the 20 most frequent categories; missing; unseen), corrected
///   for
///              its bias. A column drifts if the PSI is above 0.10 and chance is excluded (chi-square of the same bins,
///              adjusted over all columns by Benjamini and Yekutieli): more rows never make an alarm of a shift that is
///              too small to matter. The data set drifts if the mean PSI of the features, weighted by their importance
///              if a model says so, is above 0.15. Undecided under 1,000 rows on either side.
///   Evidently  the defaults of Evidently 0.7, see evidently_tests.h; the data set when at least half of the columns
///   drift.
enum class DriftPreset { Perch, Evidently };

enum class ColumnRole { Feature, Label, Prediction };

struct DriftOptions {
    DriftPreset preset = DriftPreset::Perch;
    std::vector<std::string> columns = {}; ///< to compare; empty: all of the reference
    std::string label = {};                ///< column, beside the features; empty: none
    std::string prediction = {};           ///< column, beside the features; empty: none
    double alpha = 0.05;                   ///< Perch: of false alarms among the alarms; Evidently: of each test
    std::optional<double> limit = {};      ///< of the data set; default 0.15 (Perch), share 0.5 (Evidently)
    /// Share of each feature in the model's gain; a feature that is not in it does not count. Empty: all count alike.
    std::map<std::string, double> importance = {};
};

/// Rows of a category that the reference never held.
struct UnseenValues {
    std::uint64_t rows = 0;
    double share = 0;                       ///< of the current rows
    std::vector<std::string> examples = {}; ///< at most five, most frequent first
};

/// One bin of both sides: shares of the rows, missing ones too.
struct DriftBin {
    /// Numbers x with low < x <= high; an end that is not there is infinite.
    struct Range {
        std::optional<double> low, high;
    };
    std::string label; ///< as in data::FeatureBins
    double reference = 0, current = 0;
    std::optional<Range> range = {}; ///< empty: a category, `missing`, `other` or `unseen`
};

struct DriftedColumn {
    std::string name = {};
    ColumnRole role = ColumnRole::Feature;
    std::string method = {};          ///< `psi`, `ks`, `chi_square`, `z`, `normed_wasserstein`, `jensen_shannon`
    std::optional<double> score = {}; ///< the distance, or the p of a test; empty: not compared, see `note`
    double threshold = 0;
    std::optional<double> p = {};                 ///< of a test
    std::optional<double> adjustedP = {};         ///< Perch: over all columns
    std::optional<stats::Interval> interval = {}; ///< Perch: 95 %, of the score
    std::optional<bool> drifted = {};             ///< empty: undecided
    double importance = 0;                        ///< 0 to 1, sum 1 over the features that count
    double effect = 0;     ///< for ranking: importance times PSI, or how far beyond the threshold
    std::string note = {}; ///< one sentence: why there is no score

    /// Perch: the other distances, by name as in `method`: the two of numbers, and `jensen_shannon` over the bins.
    std::map<std::string, double> distances = {};
    std::vector<DriftBin> bins = {}; ///< Perch: what the PSI is made of
    std::uint64_t referenceMissing = 0, currentMissing = 0;
    std::optional<stats::ShareDifference> missing = {}; ///< change of the share that is missing
    bool missingChanged = false; ///< Perch: by at least a point, and chance is excluded over all columns
    UnseenValues unseen = {};
    std::uint64_t referenceInfinite = 0, currentInfinite = 0; ///< taken for missing by Evidently, for extreme by Perch
};

struct DriftReport {
    DriftPreset preset = DriftPreset::Perch;
    std::uint64_t referenceRows = 0, currentRows = 0;
    std::vector<DriftedColumn> columns = {};      ///< features first, largest effect first
    double share = 0;                             ///< of the compared features that drift
    std::optional<double> score = {};             ///< Perch: mean PSI
    std::optional<stats::Interval> interval = {}; ///< Perch: 95 % for any dependence of the features, so a wide one
    double threshold = 0;                         ///< of the score, or of the share
    std::optional<bool> drifted = {};             ///< the data set; empty: undecided
    std::string reason = {};                      ///< one sentence
    std::vector<std::string> notes = {};          ///< sentences: columns that only one side has, and the like
};

/// Compares two tables column by column, several columns at a time; a column of `current` has the type that it has in
/// the reference, or no values. InvalidInput that names a column that a side lacks or that `current` holds with another
/// type, or an empty side.
Result<DriftReport> measureDrift(const data::Table& reference, const data::Table& current, const DriftOptions& options);

/// The two halves of it, for tables that are read some columns at a time: columns in the order of the reference without
/// verdicts of the whole, and the verdicts, ranks and sentences.
Result<std::vector<DriftedColumn>> measureColumns(const data::Table& reference, const data::Table& current,
                                                  const DriftOptions& options);
DriftReport concludeDrift(std::vector<DriftedColumn> columns, std::uint64_t referenceRows, std::uint64_t currentRows,
                          const DriftOptions& options);

} // namespace perch::drift
