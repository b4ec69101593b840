#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/model/predict/package.h"
#include "core/stats/regression_metrics.h"
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
    std::string_view name;  ///< `accuracy`, `macro_f1`, `mae`...: the key in documents
    std::string_view title; ///< `ROC AUC`
    bool higherIsBetter = true;
    bool share = false; ///< shown in percent
    bool error = false; ///< in the unit of the label: a margin is a share of the baseline's value
};
/// Binary: accuracy, precision, recall, f1, roc_auc, pr_auc, log_loss, brier, calibration_error. Multi-class: accuracy,
/// macro_precision, macro_recall, macro_f1, weighted_f1, roc_auc and pr_auc (each class against the rest), log_loss,
/// brier, calibration_error. Regression: mae, rmse, r2, within_tolerance.
std::span<const MetricDefinition> metricDefinitions(model::Task task);
/// The one that decides a comparison unless said otherwise: f1, macro_f1, mae.
std::string_view decidingMetric(model::Task task);

/// `92.5 %`, `0.871`, errors with four significant digits; and without the unit, for intervals.
std::string metricText(const MetricDefinition& definition, double value);
std::string bareMetricText(const MetricDefinition& definition, double value);
/// `+0.3 pt`, `−0.012`
std::string changeText(const MetricDefinition& definition, double change);

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

/// One of ten equal-width bins of the score; bins without rows are left out. Multi-class: of the answered class's
/// probability against the share of right answers.
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
    double share = 0;                     ///< of the sum over all features of the mean absolute SHAP value
    double meanShap = 0;                  ///< mean absolute SHAP value, in units of the margin
    std::optional<double> direction = {}; ///< correlation of a number with its SHAP value, -1 to 1
};

/// One class of a model with several.
struct ClassRates {
    std::string name;
    std::uint64_t rows = 0;
    MetricValue precision, recall, f1; ///< Wilson; f1 as in thresholdMetrics
    MetricValue rocAuc;                ///< of the class against the rest; DeLong
};

struct ClassResult {
    std::vector<ClassRates> classes;
    std::vector<std::uint64_t> confusion; ///< rows: `confusion[truth * classes + answer]`
};

/// Rows of one tenth of the predicted numbers.
struct ErrorBin {
    std::uint64_t rows = 0;
    double predicted = 0, truth = 0; ///< means
    double low = 0, high = 0;        ///< 95 % interval of the mean truth
};

struct ErrorResult {
    stats::Tolerance tolerance;
    std::vector<EvaluationPoint> sample; ///< x: truth, y: prediction; at most 600 rows, drawn
    std::vector<ErrorBin> bins;          ///< ascending
    /// Signed errors, prediction less truth, in equal bins from `errorLow` to `errorHigh` (their 0.5 % and 99.5 %
    /// quantiles); what lies beyond counts to the outer bins.
    std::vector<std::uint64_t> histogram;
    double errorLow = 0, errorHigh = 0;
};

/// One model on the rows.
struct EvaluatedModel {
    std::string title; ///< `v8`, or the name of the package folder
    Digest digest;
    double threshold = 0.5; ///< of the package; the metrics and the matrix are at this one
    std::string thresholdRule;
    MetricValues metrics;
    stats::ConfusionMatrix confusion;          ///< binary
    EvaluationCurves curves;                   ///< binary; of several classes the calibration alone
    ScoreHistogram histogram;                  ///< binary
    std::vector<FeatureImportance> importance; ///< largest first
    std::uint64_t importanceRows = 0;          ///< that it was measured on; 0: not measured
    stats::ScoreCells cells; ///< binary: for a moved threshold (thresholdMetrics, confusionAt) without the rows
    std::optional<ClassResult> classes; ///< multi-class
    std::optional<ErrorResult> errors;  ///< regression
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

/// Rows that share a value of one feature, or of two, and on which the candidate errs more than on the others.
struct Slice {
    std::string name; ///< `contract = Month-to-month`, `tenure <= 6 and contract = Two year`
    std::uint64_t rows = 0;
    double value = 0, low = 0, high = 0; ///< accuracy (Wilson) or mean absolute error (normal)
    double elsewhere = 0;                ///< on all other rows
    std::optional<double> baseline;      ///< on the same rows
    double p = 1;                        ///< two-sided, adjusted by Holm over all slices that were looked at
    double effect = 0, effectLow = 0, effectHigh = 0; ///< value less elsewhere
    std::string metric = "accuracy";                  ///< or `mae`
};

/// Rates of one group of the group column.
struct GroupRates {
    std::string group;
    std::uint64_t rows = 0;
    std::uint64_t positives = 0;
    MetricValue accuracy, selectionRate, truePositiveRate, falsePositiveRate; ///< Wilson
};

/// Rates per group and the largest difference of each between two groups with enough rows; empty with fewer than two.
struct Fairness {
    std::string column;
    std::vector<GroupRates> groups;
    MetricValue selection;    ///< demographic parity: gap of the share that is answered positive
    MetricValue truePositive; ///< equal opportunity
    MetricValue falsePositive;
    MetricValue accuracy;                ///< of models that are not binary
    std::optional<double> equalizedOdds; ///< the larger of the gaps of the true and the false positive rate
    std::optional<double> biasScore;     ///< the larger of the gaps of demographic parity and equal opportunity
    std::uint64_t minimumRows = 0;
};
/// A bias score up to this is taken as fair.
inline constexpr double kBiasLimit = 0.1;

/// A threshold that follows from the rows by a rule, with the metrics there. It was chosen on the rows it is measured
/// on.
struct ThresholdChoice {
    std::string rule;                  ///< `cost 20:1`, `precision >= 0.9`, `recall >= 0.8`
    std::optional<double> threshold{}; ///< empty: none reaches the target
    MetricValues metrics;
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
    std::optional<Comparison> comparison;    ///< with a baseline
    std::vector<Slice> slices;               ///< worst first, at most 10
    std::optional<Fairness> fairness;        ///< with a group column
    std::vector<ThresholdChoice> thresholds; ///< that were asked for
    std::string intervals; ///< how they were made, e.g. `95 %, Poisson bootstrap, 1,000 resamples, seed 42`
    std::vector<std::string> warnings;
};

/// Accuracy, precision, recall and F1 at a moved threshold from the cells alone: fast enough for every frame of a drag
/// at a million rows. Intervals by Wilson; F1 is 2 s / (1 + s) of the share s = TP / (TP + FP + FN), so its interval
/// is Wilson's of s, mapped.
MetricValues thresholdMetrics(const stats::ScoreCells& cells, double threshold);

/// part / whole with Wilson's interval; empty without a whole.
MetricValue shareOf(std::uint64_t part, std::uint64_t whole);
/// F1 of `right` answers of a class that is there and answered so often.
MetricValue f1Of(std::uint64_t right, std::uint64_t there, std::uint64_t answered);

/// One point per hundredth of the threshold: x the threshold, y that metric (`accuracy`, `f1`...); undefined ones left
/// out.
std::vector<EvaluationPoint> thresholdCurve(const stats::ScoreCells& cells, std::string_view metric);

/// The threshold (a hundredth, lowest first) that costs least, with the costs of a missed positive and a false alarm.
double cheapestThreshold(const stats::ScoreCells& cells, double falseNegativeCost, double falsePositiveCost);

/// The threshold with the highest recall among those whose precision is at least `target`; empty if there is none.
std::optional<double> thresholdForPrecision(const stats::ScoreCells& cells, double target);
/// The highest threshold whose recall is at least `target`; empty without positives.
std::optional<double> thresholdForRecall(const stats::ScoreCells& cells, double target);

} // namespace perch::evaluate
