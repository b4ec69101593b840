#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/model/predict/package.h"
#include "core/stats/score_cells.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The result of an offline evaluation, as values: what the Evaluate screen, the verb and the report show. Made by
/// core/evaluate/evaluate.h; immutable afterwards. Shares are 0 to 1. A value that is undefined is empty, never 0.
namespace perch::evaluate {

/// A metric in the order of screens, documents and reports.
struct MetricDefinition {
    std::string_view name; ///< `accuracy`, `precision`, `recall`, `f1`, `roc_auc`, `pr_auc`, `log_loss`, `brier`,
                           ///< `calibration_error`
    bool higherIsBetter = true;
    bool share = false; ///< shown in percent
};
std::span<const MetricDefinition> metricDefinitions(model::Task task);

/// A metric with its 95 % interval.
struct MetricValue {
    std::optional<double> value, low, high;
};
using MetricValues = std::map<std::string, MetricValue, std::less<>>;

struct EvaluationPoint {
    double x = 0;
    double y = 0;
    double threshold = 0; ///< that leads here
};

/// One of ten equal-width bins of the score; bins without rows are left out.
struct CalibrationPoint {
    double meanScore = 0;
    double positiveRate = 0, low = 0, high = 0; ///< Wilson
    std::uint64_t rows = 0;
};

/// Curves thinned to at most 500 points; x and y from 0 to 1.
struct EvaluationCurves {
    std::vector<EvaluationPoint> roc;             ///< x: false positive rate, y: true positive rate; (0,0) to (1,1)
    std::vector<EvaluationPoint> precisionRecall; ///< x: recall, y: precision, recall ascending
    std::vector<EvaluationPoint> gain; ///< x: share of rows, highest scores first, y: share of positives found
    std::vector<CalibrationPoint> calibration;
};

/// Rows per score bin of width 1/50.
struct ScoreHistogram {
    std::vector<std::uint64_t> negatives, positives;
};

struct FeatureImportance {
    std::string feature;
    double share = 0; ///< of the model's total gain, over the features of its reference profile
};

/// One model on the rows.
struct EvaluatedModel {
    std::string title; ///< `v8`, or the name of the package folder
    Digest digest;
    double threshold = 0.5; ///< of the package; the metrics and the matrix are at this one
    std::string thresholdRule;
    MetricValues metrics;
    stats::ConfusionMatrix confusion;
    EvaluationCurves curves;
    ScoreHistogram histogram;
    std::vector<FeatureImportance> importance; ///< largest first
    stats::ScoreCells cells; ///< for a moved threshold (thresholdMetrics, confusionAt) without the rows
};

enum class Verdict { Better, NotWorse, Undecided, Worse };
std::string_view toString(Verdict verdict); ///< `better`, `not_worse`, `undecided`, `worse`

/// Candidate less baseline on the same rows.
struct Difference {
    std::optional<double> value, low, high, p;
    std::string test; ///< `McNemar, exact`, `DeLong`, `paired bootstrap`
};

struct Comparison {
    std::map<std::string, Difference, std::less<>> differences;
    Verdict verdict = Verdict::Undecided;
    std::string metric; ///< the metric that decided
    double margin = 0;  ///< the loss that still counts as not worse
    std::string reason; ///< one sentence
};

/// Rows that share a value of one feature and on which the candidate errs more than on the others.
struct Slice {
    std::string name; ///< `contract = Month-to-month`, `tenure <= 6`
    std::uint64_t rows = 0;
    double accuracy = 0, low = 0, high = 0; ///< Wilson
    double accuracyElsewhere = 0;           ///< on all other rows
    std::optional<double> baselineAccuracy; ///< on the same rows
    double p = 1;                           ///< two-sided, adjusted by Holm over all slices that were looked at
};

/// Rates of one group of the group column.
struct GroupRates {
    std::string group;
    std::uint64_t rows = 0;
    MetricValue accuracy, selectionRate, truePositiveRate, falsePositiveRate; ///< Wilson
};

/// Rates per group and the largest difference of each between two groups with enough rows.
struct Fairness {
    std::string column;
    std::vector<GroupRates> groups;
    std::optional<double> selectionGap, truePositiveGap, falsePositiveGap;
    std::uint64_t minimumRows = 0;
};

struct Evaluation {
    ModelName model;
    model::Task task = model::Task::Binary;
    std::string label, positive; ///< column and the value that counts as 1
    std::string data;            ///< file, for people
    SystemTime madeAt{};
    std::uint64_t rows = 0;
    std::uint64_t positives = 0;
    EvaluatedModel candidate;
    std::optional<EvaluatedModel> baseline;
    std::optional<Comparison> comparison; ///< with a baseline
    std::vector<Slice> slices;            ///< worst first, at most 10
    std::optional<Fairness> fairness;     ///< with a group column
    std::string intervals; ///< how they were made, e.g. `95 %, Poisson bootstrap, 1,000 resamples, seed 42`
    std::vector<std::string> warnings;
};

/// Accuracy, precision, recall and F1 at a moved threshold, the first three with Wilson intervals, from the cells
/// alone: fast enough for every frame of a drag at a million rows.
MetricValues thresholdMetrics(const stats::ScoreCells& cells, double threshold);

/// One point per hundredth of the threshold: x the threshold, y that metric (`accuracy`, `f1`...); undefined ones left
/// out.
std::vector<EvaluationPoint> thresholdCurve(const stats::ScoreCells& cells, std::string_view metric);

/// The threshold (a hundredth, lowest first) that costs least, with the costs of a missed positive and a false alarm.
double cheapestThreshold(const stats::ScoreCells& cells, double falseNegativeCost, double falsePositiveCost);

} // namespace perch::evaluate
