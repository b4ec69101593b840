#include "core/model/training_parameters.h"

#include "core/model/training_matrix.h"

#include <fmt/ranges.h>

#include <cmath>

namespace perch::model {

namespace {

std::string objectiveOf(Task task) {
    switch (task) {
    case Task::Binary:
        return "binary:logistic";
    case Task::MultiClass:
        return "multi:softprob";
    case Task::Regression:
        return "reg:squarederror";
    }
    return "";
}

/// `(1,0,-1)` in the order of the fields.
Result<std::string> monotoneText(const spec::TrainingSpec& training, const data::RowTransform& transform) {
    std::vector<int> directions(transform.width());
    for (const auto& [name, direction] : training.monotone) {
        const std::optional<std::size_t> field = transform.find(name);
        if (!field)
            return fail(ErrorCode::InvalidInput, "training.monotone names \"{}\", which is not a feature.", name);
        if (transform.fields()[*field].type == data::FieldType::Category)
            return fail(ErrorCode::InvalidInput, "training.monotone names \"{}\", whose categories have no order.",
                        name);
        directions[*field] = direction;
    }
    return fmt::format("({})", fmt::join(directions, ","));
}

} // namespace

std::string metricOf(Task task) {
    return task == Task::Binary ? "logloss" : task == Task::MultiClass ? "mlogloss" : "rmse";
}

Result<BoosterParameters> boosterParameters(const spec::TrainingSpec& training, const TrainingLabel& label,
                                            const data::RowTransform& transform, std::uint32_t threads,
                                            const std::string& device) {
    BoosterParameters parameters = {{"objective", objectiveOf(label.task)},
                                    {"eval_metric", metricOf(label.task)},
                                    {"tree_method", "hist"},
                                    {"device", device},
                                    {"eta", fmt::format("{}", training.learningRate)},
                                    {"max_depth", std::to_string(training.depth)},
                                    {"min_child_weight", fmt::format("{}", training.minimumChildWeight)},
                                    {"subsample", fmt::format("{}", training.rowSample)},
                                    {"colsample_bytree", fmt::format("{}", training.columnSample)},
                                    {"lambda", fmt::format("{}", training.l2)},
                                    {"max_bin", std::to_string(kHistogramBins)},
                                    {"seed", std::to_string(training.seed % (std::uint64_t{1} << 31))},
                                    {"nthread", std::to_string(threads)}};
    if (label.task == Task::MultiClass)
        parameters.emplace_back("num_class", std::to_string(label.classes.size()));
    // Then a round draws the same rows whether or not the rounds before it ran in this process. The generator of columns
    // is the business of the fit.
    if (training.rowSample < 1 || training.columnSample < 1)
        parameters.emplace_back("seed_per_iteration", "true");
    if (!training.monotone.empty())
        parameters.emplace_back("monotone_constraints", TRY(monotoneText(training, transform)));
    return parameters;
}

Result<void> checkParameters(const spec::TrainingSpec& training, const spec::ThresholdSpec& threshold) {
    const auto wrong = [](std::string_view what, std::string_view range) {
        return fail(ErrorCode::InvalidInput, "The training parameter {} must be {}.", what, range);
    };
    if (training.rounds < 1 || training.rounds > 100'000)
        return wrong("rounds", "from 1 to 100000");
    if (!(training.learningRate > 0 && training.learningRate <= 1))
        return wrong("learning_rate", "above 0 and at most 1");
    if (training.depth < 1 || training.depth > 16)
        return wrong("depth", "from 1 to 16");
    for (const auto& [name, share] : {std::pair("row_sample", training.rowSample),
                                      {"column_sample", training.columnSample}}) {
        if (!(share > 0 && share <= 1))
            return wrong(name, "above 0 and at most 1");
    }
    for (const auto& [name, share] : {std::pair("test_share", training.split.testShare),
                                      {"validation_share", training.split.validationShare}}) {
        if (!(share > 0 && share < 1))
            return wrong(name, "between 0 and 1");
    }
    if (threshold.rule == spec::ThresholdSpec::Rule::Fixed && !(threshold.value >= 0 && threshold.value <= 1))
        return wrong("threshold", "from 0 to 1");
    const bool costs = threshold.falseNegativeCost > 0 && threshold.falsePositiveCost > 0 &&
                       std::isfinite(threshold.falseNegativeCost) && std::isfinite(threshold.falsePositiveCost);
    if (threshold.rule == spec::ThresholdSpec::Rule::Cost && !costs)
        return wrong("threshold", "two costs above 0");
    return {};
}

std::string thresholdRuleText(const spec::ThresholdSpec& threshold) {
    if (threshold.rule == spec::ThresholdSpec::Rule::Fixed)
        return "fixed";
    return fmt::format("cost {}:{}", threshold.falseNegativeCost, threshold.falsePositiveCost);
}

} // namespace perch::model
