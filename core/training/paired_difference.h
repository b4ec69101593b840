#pragma once

#include "core/data/split.h"
#include "core/evaluate/evaluation.h"
#include "core/model/predict/predictor.h"
#include "core/model/training_label.h"

#include <map>
#include <stop_token>
#include <string>

namespace perch::training {

/// Differences of metrics of two versions on the same rows, candidate less production, with whether more is better.
struct PairedMetric {
    evaluate::Difference difference;
    bool higherIsBetter = true;
    double margin = 0.01; ///< the loss that counts as not worse, in the unit of the metric
};

/// The metrics of an evaluation of the task, compared as there. The margin is 0.01, for errors of numbers 1 % of
/// production's error.
/// InvalidInput if a side lacks a column, or a label is none of the model's classes.
Result<std::map<std::string, PairedMetric>> pairedDifferences(const model::Predictor& candidate,
                                                              const model::Predictor& production,
                                                              const data::Table& table, const data::Rows& rows,
                                                              const std::stop_token& stop);

} // namespace perch::training
