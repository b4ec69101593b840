#pragma once

#include "core/model/training_label.h"

#include <vector>

namespace perch::model {

/// The weight of each row of the table: the weight column times the weight of the row's class. Empty if every row
/// weighs 1. Balanced classes weigh rows / (classes * rows of the class), counted over `train`. InvalidInput that names
/// the column or the class: a weight that is missing or not above 0, an unknown class, class weights without classes.
Result<std::vector<float>> rowWeights(const data::Table& table, const TrainingLabel& label,
                                      const spec::TrainingSpec& training, std::span<const std::uint32_t> train);

} // namespace perch::model
