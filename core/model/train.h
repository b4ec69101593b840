#pragma once

#include "core/data/table.h"
#include "core/model/predict/package.h"
#include "core/model/training_matrix.h"
#include "core/model/training_watch.h"
#include "core/spec/model_spec.h"

#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::model {

class XgboostLibrary;

/// What to train, as a value. `table`, `from` and `clock` must outlive the training.
struct TrainRequest {
    ModelName model;
    const data::Table* table = nullptr; ///< with the label typed by `labelType`
    std::string label;
    std::string positive = {}; ///< empty: yes, true or 1 of such a pair, else the rarer class
    spec::TrainingSpec training = {};
    spec::ThresholdSpec threshold = {};
    std::uint32_t threads = 0;    ///< 0: one for small tables, else all processors
    std::string codeVersion = {}; ///< of Perch, for the capsule
    std::vector<std::string> ignored = {}; ///< columns left out when the table was read, for the capsule
    std::set<std::string> noFeatures = {}; ///< columns of the table that the model does not read
    const Clock* clock = nullptr;
    Seconds checkpointEvery{0};       ///< 0: no checkpoints
    const Checkpoint* from = nullptr; ///< of the same request: the rounds go on after it
    std::size_t cellsInMemory = kCellsInMemory; ///< a training part of more is trained on in external memory
    std::filesystem::path cache = {}; ///< folder for that, of this training alone; empty: the system's for temporary files
};

/// A trained version, not yet written anywhere. Metrics and row counts are in the card.
struct TrainOutcome {
    PackageParts parts;
    data::Fingerprint fingerprint;
    Seconds fit{};               ///< spent in XGBoost's own calls: taking the rows, the rounds and their metrics
    std::uint32_t rounds = 0;    ///< done
    bool stoppedEarly = false;   ///< a person or the time budget ended the rounds
    std::string end;             ///< `all rounds`, `early stopping`, `time budget`, `asked to stop`
    data::Rows test;             ///< rows of the table that the version has not seen
    TrainingLabel label;
};

/// Splits, learns the row transform on the training rows, searches and cross-validates if asked to, fits (hist), chooses
/// the threshold, scores the test rows once through the predictor that serves them, and puts the package together. The
/// same request, table, library and threads give the same model bytes, and so does a training that was interrupted and
/// goes on from its checkpoint. A training part of more than `cellsInMemory` cells is quantized into files, each fold too.
/// InvalidInput that names file and column: the label (see readLabel), a weight, a split
/// column; a feature holds only missing values; a parameter is out of range. Cancelled within one round of `stop`.
Result<TrainOutcome> train(const XgboostLibrary& library, const TrainRequest& request, TrainingWatch* watch = nullptr,
                           std::stop_token stop = {});

/// One thread below 50,000 rows (the start of a team costs more than it gives), else all processors.
std::uint32_t trainingThreads(std::size_t rows);

} // namespace perch::model
