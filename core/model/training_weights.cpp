#include "core/model/training_weights.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace perch::model {

namespace {

Error weightError(const data::Table& table, const std::string& column, std::string_view why) {
    Error error =
        fail(ErrorCode::InvalidInput, "{}: the weight column \"{}\" {}.", table.fingerprint.source, column, why);
    error.where = column;
    return error;
}

Result<const data::Numbers*> columnWeights(const data::Table& table, const std::string& name) {
    const data::Column* column = TRY(table.column(name));
    if (column->type != data::FieldType::Number)
        return weightError(table, name, "does not hold numbers");
    for (std::size_t row = 0; row < column->numbers.size(); ++row) {
        if (!(column->numbers[row] > 0))
            return weightError(table, name,
                               fmt::format("is missing or not above 0 in row {} (the header is row 1)", row + 2));
    }
    return &column->numbers;
}

Result<std::vector<double>> classWeights(const TrainingLabel& label, const spec::TrainingSpec& training,
                                         std::span<const std::uint32_t> train) {
    std::vector<double> weights(label.classes.size(), 1.0);
    if (training.balanceClasses) {
        std::vector<double> counts(label.classes.size());
        for (const std::uint32_t row : train)
            ++counts[label.classOf[row]];
        for (std::size_t i = 0; i < counts.size(); ++i)
            weights[i] = static_cast<double>(train.size()) /
                         (static_cast<double>(counts.size()) * std::max(counts[i], 1.0));
    }
    for (const auto& [name, weight] : training.classWeights) {
        const auto found = std::ranges::find(label.classes, name);
        if (found == label.classes.end())
            return fail(ErrorCode::InvalidInput,
                        "training.class_weights names the class \"{}\"; the label has the classes {}.", name,
                        fmt::join(label.classes, ", "));
        weights[static_cast<std::size_t>(found - label.classes.begin())] = weight;
    }
    return weights;
}

} // namespace

Result<std::vector<float>> rowWeights(const data::Table& table, const TrainingLabel& label,
                                      const spec::TrainingSpec& training, std::span<const std::uint32_t> train) {
    const bool byClass = training.balanceClasses || !training.classWeights.empty();
    if (byClass && label.task == Task::Regression)
        return fail(ErrorCode::InvalidInput, "A regression has no classes to weigh.");
    std::vector<float> weights;
    if (!byClass && training.weightColumn.empty())
        return weights;
    weights.assign(table.rows, 1.0F);
    if (!training.weightColumn.empty()) {
        const data::Numbers* column = TRY(columnWeights(table, training.weightColumn));
        std::ranges::transform(*column, weights.begin(), [](double weight) { return static_cast<float>(weight); });
    }
    if (byClass) {
        const std::vector<double> ofClass = TRY(classWeights(label, training, train));
        for (std::size_t row = 0; row < weights.size(); ++row)
            weights[row] *= static_cast<float>(ofClass[label.classOf[row]]);
    }
    return weights;
}

} // namespace perch::model
