#pragma once

#include "core/evaluate/evaluation.h"
#include "core/present/class_cards.h"
#include "core/present/curve_card.h"
#include "core/present/fairness_card.h"

#include <optional>
#include <vector>

namespace perch::present {

struct MetricRow {
    Text name;
    Cell candidate;         ///< `92.5 %`
    Text candidateInterval; ///< `92.1–92.8`
    Text baseline;          ///< empty without one
    Text change;            ///< `+4.3`
    Text changeMargin;      ///< `±0.5`
    double position = 0;    ///< of the change, -1 (worse) to 1 (better)
    double halfWidth = 0;   ///< of its interval, same scale
    State verdict = State::NoData;
    Text word; ///< `better`, `worse`, `no difference`
};

struct ConfusionCell {
    Text name; ///< `True negative`
    Text count;
    Text share;    ///< of its row
    Text baseline; ///< `v7 15,288`, empty without one
    bool correct = false;
};

struct ConfusionCard {
    Text title;
    Text note;
    Text predictedNegative, predictedPositive, actualNegative, actualPositive;
    ConfusionCell trueNegative, falsePositive, falseNegative, truePositive;
    double threshold = 0.5;
    Text thresholdText;                    ///< `0.50`
    Text thresholdNote;                    ///< how it was chosen
    std::vector<CurvePoint> accuracyCurve; ///< over the threshold, y scaled to 0..1
};

struct BarRow {
    std::string feature;
    double value = 0; ///< 0 to 1 of the longest
    std::optional<double> baseline = {};
    Text text;
    bool operator==(const BarRow&) const = default;
};

struct SliceRow {
    std::string slice;
    Text rows;
    Text value;
    Cell change;
};

/// The Evaluate screen: one offline evaluation, on the same rows for both versions.
struct EvaluateScreen {
    Text title;     ///< `Evaluate credit-risk`
    Text candidate; ///< `v8`
    Text baseline;  ///< `v7`; empty without one
    Text data;      ///< `loans.csv`
    Text dataNote;  ///< `20,000 rows, positive rate 16.0 %`
    Chip verdict;
    /// Binary: ROC, precision and recall, calibration. Several classes: calibration. Regression: makeErrorCurves().
    std::vector<CurveCard> curves;
    std::optional<ConfusionCard> confusion; ///< binary
    std::optional<ClassCards> classes;      ///< several classes
    Text metricsNote;
    std::vector<MetricRow> metrics;
    Text metricsSummary; ///< the uncomfortable fact in one sentence
    Text importanceTitle, importanceNote;
    std::vector<BarRow> importance;
    Text slicesNote;
    std::vector<SliceRow> slices;
    Text slicesEmpty;
    FairnessCard fairness;
    EmptyState empty; ///< nothing has been evaluated yet: the command to do it
    StatusLine status;
};

/// Pure. A moved threshold changes rings, matrix, note and those of the candidate's metrics that depend on it.
EvaluateScreen makeEvaluateScreen(const evaluate::Evaluation& evaluation, std::optional<double> movedThreshold = {});

/// Before anything was evaluated: the command that does it.
EvaluateScreen makeEmptyEvaluateScreen(const std::string& model);

} // namespace perch::present
