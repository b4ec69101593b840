#pragma once

#include "core/model/predict/booster.h"
#include "core/model/training_parameters.h"
#include "core/model/training_watch.h"

#include <stop_token>

namespace perch::model {

/// The rounds of one fit. Everything pointed to must outlive it.
struct FitPlan {
    const XgboostLibrary* library = nullptr;
    const Matrix* train = nullptr;
    const Matrix* validation = nullptr; ///< null: none
    const data::RowTransform* transform = nullptr;
    BoosterParameters parameters;
    std::string metric;
    std::uint32_t rounds = 0;
    std::uint32_t earlyStopping = 0; ///< 0: off; needs a validation part
    bool columnsSampled = false;
    Seconds timeBudget{0};           ///< 0: none; pauses do not count
    Seconds checkpointEvery{0};      ///< 0: never; rarer if they would cost more than about 5 % of the time
    const Checkpoint* from = nullptr;
    const Clock* clock = nullptr;
    TrainingWatch* watch = nullptr; ///< null: none
    std::string what;               ///< `The training of churn`, for the sentence of a cancellation
};

enum class FitEnd { AllRounds, EarlyStopping, TimeBudget, Asked };
std::string_view toString(FitEnd end); ///< `all rounds`, `early stopping`, `time budget`, `asked to stop`

struct FitOutcome {
    Booster booster; ///< cut behind the best round, if the fit ended early and a validation part says which it is
    std::uint32_t rounds = 0;               ///< done
    std::uint32_t kept = 0;                 ///< in the booster
    std::optional<std::uint32_t> bestRound; ///< with a validation part
    std::optional<double> bestValue;
    FitEnd end = FitEnd::AllRounds;
    Seconds inXgboost{0}; ///< spent on the rounds of this process and their metrics, without checkpoints and pauses
};

/// Runs the rounds: measures the train metric as often as that costs at most 4 % of the time (the validation metric
/// after each round if early stopping needs it), obeys the watch's control after each round, writes checkpoints.
/// A fit from a checkpoint goes on as if it had never been interrupted: the same model bytes. Where columns are sampled
/// every fit, interrupted or not, renews XGBoost's generator of columns at each 25th round, and only these rounds have
/// checkpoints. Cancelled within one round of `stop`.
Result<FitOutcome> fit(const FitPlan& plan, const std::stop_token& stop);

} // namespace perch::model
