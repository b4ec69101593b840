#pragma once

#include "core/model/training_matrix.h"
#include "core/model/training_parts.h"
#include "core/model/training_watch.h"

#include <memory>
#include <span>
#include <stop_token>

namespace perch::model {

class XgboostLibrary;

/// What cross-validation and search work on. Everything pointed to must outlive the call.
struct FoldContext {
    const XgboostLibrary* library = nullptr;
    const data::TableEncoder* encoder = nullptr;
    const data::RowTransform* transform = nullptr;
    const TrainingLabel* label = nullptr;
    std::span<const float> weights;
    const data::Table* table = nullptr;
    const data::Rows* rows = nullptr; ///< the training part; the test part is never looked at
    std::uint32_t threads = 1;
    std::string device = "cpu";
    const Clock* clock = nullptr;
    std::filesystem::path cache = {}; ///< of the matrices; empty: in memory

    /// The matrix of some of the rows.
    MatrixPlan matrixPlan(const data::Rows& part, const TrainingMatrix* reference = nullptr) const;
};

/// Fits on each fold with the given parameters; the result is of the last round, or of the best one with early
/// stopping. The folds share the row transform of the whole training part.
Result<ValidationResult> crossValidate(const FoldContext& context, const spec::TrainingSpec& training,
                                       const std::stop_token& stop);

/// Fills in mean and deviation from the folds.
void summarizeFolds(ValidationResult& result);

struct SearchOutcome {
    spec::TrainingSpec best;                  ///< the given ones with the winner's parameters
    std::vector<ValidationResult> candidates; ///< best first, then those pruned later
};

/// Random search with successive halving: the first candidate is the given parameters, the others are drawn by the
/// seed. All candidates get a quarter of the rounds; the better half goes on to half of them, its better half to all.
/// A candidate is judged by the mean metric over the folds. Cancelled when asked to stop.
Result<SearchOutcome> searchParameters(const FoldContext& context, const spec::TrainingSpec& training,
                                       const std::stop_token& stop);

} // namespace perch::model
