#pragma once

#include "core/data/table.h"
#include "core/model/predict/package.h"
#include "core/spec/training_spec.h"

#include <cstdint>
#include <string>
#include <vector>

namespace perch::model {

/// The label column as XGBoost reads it.
struct TrainingLabel {
    Task task = Task::Binary;
    std::vector<std::string> classes = {};  ///< Binary: {negative, positive}; MultiClass: in the order of their bytes
    std::vector<std::uint8_t> classOf = {}; ///< per row of the table; empty for Regression
    std::vector<double> numbers = {};       ///< Regression: per row

    float value(std::size_t row) const {
        return task == Task::Regression ? static_cast<float>(numbers[row]) : static_cast<float>(classOf[row]);
    }
};

inline constexpr std::size_t kMostClasses = 100;

/// How a reader must type the label column: numbers for regression, else texts.
data::FieldType labelType(spec::Task task);

/// Reads a label column. A task that follows from the label is binary with two classes and multi-class with up to 20.
/// `positive` may be empty: then it is `yes`, `true` or `1` of a pair with `no`, `false` or `0`, else the rarer class.
/// InvalidInput that names the file and the column: no such column, missing values, one class, more classes than the
/// task has, `positive` is none of them, fewer than three rows of a class.
Result<TrainingLabel> readLabel(const data::Table& table, const std::string& label, const std::string& positive,
                                spec::Task task);

} // namespace perch::model
