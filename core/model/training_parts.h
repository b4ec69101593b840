#pragma once

#include "core/data/split.h"
#include "core/model/training_label.h"

#include <vector>

namespace perch::model {

/// The three parts of the rows. The validation part is cut from the training part, and only if something needs it.
struct TrainingParts {
    data::Rows train, validation, test;
};

/// Whether early stopping or the choice of the threshold needs a validation part.
bool needsValidation(const spec::TrainingSpec& training, const spec::ThresholdSpec& threshold, Task task);

/// Cuts the test part, then the validation part from the rest by the same rule with the next seed. Stratified is the
/// same as scikit-learn's for classes and plainly random for numbers. InvalidInput that names the column of a split by
/// group or time.
Result<TrainingParts> splitRows(const data::Table& table, const TrainingLabel& label, const spec::TrainingSpec& training,
                                const spec::ThresholdSpec& threshold);

/// One fold of a cross-validation.
struct Fold {
    data::Rows train, validation;
};

/// Cuts `rows` into folds by the rule of the split: classes keep their shares, groups stay together; by time a fold
/// validates on the block that follows all the rows it trains on. InvalidInput if a fold would be empty.
Result<std::vector<Fold>> foldRows(const data::Table& table, const data::Rows& rows, const TrainingLabel& label,
                                   const spec::TrainingSpec& training, std::uint32_t folds);

/// `stratified`, `random`, `group`, `time`.
std::string_view toString(spec::SplitSpec::Kind kind);

} // namespace perch::model
