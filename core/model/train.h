#pragma once

#include "core/data/table.h"
#include "core/model/predict/package.h"
#include "core/spec/model_spec.h"

#include <functional>
#include <stop_token>
#include <string>

namespace perch::model {

class XgboostLibrary;

/// What to train, as a value. `table` and `clock` must outlive the training.
struct TrainRequest {
    ModelName model;
    const data::Table* table = nullptr; ///< with the label read as texts (FieldType::Category)
    std::string label;
    std::string positive = {}; ///< empty: yes, true or 1 of such a pair, else the rarer class
    spec::TrainingSpec training = {};
    spec::ThresholdSpec threshold = {};
    std::uint32_t threads = 0;    ///< 0: one for small tables, else all processors
    std::string codeVersion = {}; ///< of Perch, for the capsule
    const Clock* clock = nullptr;
};

/// Where a training is, after each round.
struct TrainProgress {
    std::uint32_t round = 0; ///< done so far
    std::uint32_t rounds = 0;
    double logLoss = 0; ///< on the training rows, measured every tenth round
    Seconds elapsed{};
    Seconds remaining{}; ///< at the present pace
};

/// A trained version, not yet written anywhere. Metrics and row counts are in the card.
struct TrainOutcome {
    PackageParts parts;
    data::Fingerprint fingerprint;
    Seconds fit{}; ///< spent in XGBoost: taking the rows and the rounds
};

using ReportProgress = std::function<void(const TrainProgress&)>;

/// Splits, learns the row transform on the training rows, fits (hist, logloss), chooses the threshold, scores the test
/// rows once through the predictor that serves them, and puts the package together. The same request, table, library
/// and threads give the same model bytes. Binary classification; the model is of the type named in the card's task.
/// InvalidInput that names file and column: the label is missing, has missing values, one class or more than two; a
/// feature holds only missing values; a parameter is out of range. Cancelled within one round of `stop`.
Result<TrainOutcome> train(const XgboostLibrary& library, const TrainRequest& request,
                           const ReportProgress& report = {}, std::stop_token stop = {});

/// One thread below 50,000 rows (the start of a team costs more than it gives), else all processors.
std::uint32_t trainingThreads(std::size_t rows);

} // namespace perch::model
