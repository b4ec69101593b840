#pragma once

#include "core/drift/drift_files.h"
#include "core/model/predict/predictor.h"
#include "core/stats/estimated_performance.h"
#include "core/stats/isotonic.h"
#include "core/stats/stratified_change.h"

namespace perch::drift {

/// How two models answer the same rows.
struct ModelsCompared {
    std::string model; ///< the other one
    std::uint64_t rows = 0;
    DriftedColumn scores = {};                  ///< the first model's scores as reference, the other's as current
    std::optional<double> agreement = {};       ///< share of equal decisions; binary models
    std::optional<stats::Interval> agreed = {}; ///< 95 %, Wilson
    double meanDifference = 0;                  ///< other less first score
};

/// Whether the same inputs still mean the same: P(y | x), by a binary model's scores and labels on both sides.
struct ConceptDrift {
    std::uint64_t referenceRows = 0, currentRows = 0; ///< with a label
    double referenceError = 0, currentError = 0;      ///< share of wrong decisions
    stats::ShareDifference error = {};                ///< its change
    /// Positive share less mean score, per side: 0 where the scores are calibrated.
    double referenceGap = 0, currentGap = 0;
    /// Change of the positive share among rows of equal score (deciles of the reference's scores): what is left when
    /// the inputs have moved but the relation has not.
    std::optional<stats::StratifiedChange> change = {};
    bool drifted = false;    ///< error or change differ by at least a point, and chance is excluded (alpha / 2 each)
    std::string reason = {}; ///< one sentence
};

/// A metric estimated without labels, and what it turned out to be where labels exist.
struct PerformanceEstimate {
    std::uint64_t rows = 0;
    stats::EstimatedPerformance current = {};
    std::array<std::optional<double>, stats::kEstimatedMetrics> realized = {}; ///< on the labelled current rows
    /// The estimate's own check, on labelled reference rows that it did not learn from; empty without labels.
    std::array<std::optional<double>, stats::kEstimatedMetrics> checkEstimated = {}, checkRealized = {};
    std::uint64_t checkRows = 0;
    bool calibrated =
        false; ///< whether the scores were recalibrated on the reference, because that fitted unseen rows better
    std::optional<stats::IsotonicCalibration> calibration = {}; ///< where they were; not kept in a record
    std::optional<double> calibrationError = {}; ///< of the probabilities used, on the check's rows, 10 bins
    std::string reason = {};                     ///< one sentence: how far to trust it
};

/// What the shift of the inputs does to the accuracy of a binary model, by estimate: shares of the rows.
struct AccuracyEffects {
    std::uint64_t rows = 0;                      ///< current rows that the effects of the features are measured on
    double reference = 0, current = 0;           ///< estimated accuracy on both sides
    std::map<std::string, double> features = {}; ///< negative: the shift of this feature costs accuracy

    double change() const { return current - reference; }
    double unexplained() const; ///< of the change: what the features do together beyond the sum of their effects

    static constexpr double kLeastShown = 5e-4; ///< a smaller effect is shown as none
};

/// Drift as a model sees it.
struct ModelDrift {
    DriftReport report = {};
    std::optional<ModelsCompared> against = {};
    std::optional<ConceptDrift> conceptDrift = {};    ///< binary models, with a label column on both sides
    std::optional<PerformanceEstimate> estimate = {}; ///< binary models
    std::optional<AccuracyEffects> accuracy = {};     ///< binary models
};

struct ModelDriftRequest {
    const model::Predictor* predictor = nullptr;
    const model::Predictor* against = nullptr; ///< may be null
    std::string againstTitle = {};
};

/// Reads the model's fields, and the label column where both sides have it, and compares: the features weighted by the
/// model's importance, its scores as the prediction, another model's scores beside it, P(y | x) and the estimated
/// performance. Both tables are in memory at once. Errors as of measureDriftOfFiles and scoreTable.
Result<ModelDrift> measureModelDrift(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                                     const ModelDriftRequest& request, DriftOptions options, DriftReading reading,
                                     std::stop_token stop);

/// The parts, of values: `labels` are 0, 1 or kUnlabelled.
struct ScoredSide {
    std::vector<float> scores = {};
    std::vector<std::uint8_t> labels = {}; ///< empty: no label column
};
std::optional<ConceptDrift> measureConceptDrift(const ScoredSide& reference, const ScoredSide& current,
                                                double threshold, double alpha);
std::optional<PerformanceEstimate> estimateOn(const ScoredSide& reference, const ScoredSide& current, double threshold);

} // namespace perch::drift
