#pragma once

#include "core/model/training_label.h"
#include "core/model/training_parts.h"
#include "core/model/training_run.h"

namespace perch::model {

/// Where a training is, after a round.
struct TrainProgress {
    std::uint32_t round = 0; ///< done so far
    std::uint32_t rounds = 0;
    std::string metric;                      ///< `logloss`, `mlogloss`, `rmse`
    std::optional<double> train, validation; ///< of this round, if they were measured
    std::optional<std::uint32_t> bestRound;  ///< with a validation part
    std::optional<std::uint32_t> stopAt;     ///< early stopping ends here unless a better round comes
    Seconds elapsed{};
    Seconds remaining{}; ///< to the last round at the present pace
};

/// A fit that can be taken up again after this round.
struct Checkpoint {
    std::uint32_t round = 0;
    std::optional<std::uint32_t> bestRound;
    double bestValue = 0;
    Seconds elapsed{};
    std::string booster; ///< UBJ, with all rounds so far
};

/// What is known before the first round.
struct TrainingPlan {
    Task task = Task::Binary;
    std::uint64_t train = 0, validation = 0, test = 0;
    std::optional<double> positiveShare; ///< of all rows; binary models
    std::string metric;
    std::uint32_t rounds = 0;
    std::uint32_t threads = 0;
    std::string device;
    std::map<std::string, std::string> parameters;
};

/// A candidate of the search, or the folds of a cross-validation, with the mean over the folds.
struct ValidationResult {
    std::map<std::string, std::string> parameters;
    std::uint32_t rounds = 0;
    double mean = 0, deviation = 0; ///< sample standard deviation over the folds
    std::vector<double> folds;
    bool pruned = false; ///< the search went on without it
};

/// Watches a training and steers it. Every call comes from the thread of the training, which ends with the error that a
/// call returns. The defaults do nothing.
class TrainingWatch {
public:
    virtual ~TrainingWatch() = default;
    virtual Result<void> stepBegan(std::string_view) { return {}; } ///< `split`, `search`, `validate`, `train`, `test`
    virtual Result<void> planned(const TrainingPlan&) { return {}; }
    virtual Result<void> noted(std::string_view, std::string) { return {}; } ///< level and sentence
    virtual Result<void> searched(const std::vector<ValidationResult>&) { return {}; }
    virtual Result<void> validated(const ValidationResult&) { return {}; }
    virtual Result<void> roundDone(const TrainProgress&) { return {}; }
    virtual RunControl control() { return RunControl::None; }
    virtual Result<void> pauseChanged(bool) { return {}; }
    virtual Result<void> checkpoint(const Checkpoint&) { return {}; }
};

} // namespace perch::model
