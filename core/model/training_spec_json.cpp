#include "core/model/training_spec_json.h"

#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace perch::model {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kTasks = {"from_label", "binary", "multi_class", "regression"};
constexpr std::array<std::string_view, 4> kSplits = {"stratified", "random", "group", "time"};
constexpr std::array<std::string_view, 2> kRules = {"fixed", "cost"};

/// The enumerator at the position of its word.
template <typename Enum, std::size_t N>
Enum fromWord(const json& value, const std::array<std::string_view, N>& words) {
    const std::string word = value.get<std::string>();
    const auto found = std::ranges::find(words, word);
    if (found == words.end())
        throw json::other_error::create(500, fmt::format("\"{}\" is unknown", shownText(word)), nullptr);
    return static_cast<Enum>(found - words.begin());
}

template <typename Enum, std::size_t N>
std::string_view toWord(Enum value, const std::array<std::string_view, N>& words) {
    return words[static_cast<std::size_t>(value)];
}

/// A capsule may come from anywhere: what perch.yaml would refuse is refused here too.
void checkRanges(const spec::TrainingSpec& training) {
    struct Range {
        const char* name;
        double value, low, high;
    };
    const Range ranges[] = {{"rounds", static_cast<double>(training.rounds), 1, 100'000},
                            {"learning_rate", training.learningRate, 1e-6, 1},
                            {"depth", static_cast<double>(training.depth), 1, 16},
                            {"min_child_weight", training.minimumChildWeight, 0, 1e9},
                            {"row_sample", training.rowSample, 0.01, 1},
                            {"column_sample", training.columnSample, 0.01, 1},
                            {"l2", training.l2, 0, 1e9},
                            {"test_share", training.split.testShare, 0.01, 0.9},
                            {"validation_share", training.split.validationShare, 0, 0.9},
                            {"early_stopping", static_cast<double>(training.earlyStopping), 0, 100'000},
                            {"time_budget_s", training.timeBudget.count(), 0, 1e9},
                            {"folds", static_cast<double>(training.folds), 0, 20},
                            {"tolerance", training.tolerance, 0, 1e30}};
    for (const Range& range : ranges) {
        if (!(range.value >= range.low && range.value <= range.high))
            throw json::other_error::create(
                500, fmt::format("{} is not from {:g} to {:g}", range.name, range.low, range.high), nullptr);
    }
}

} // namespace

json trainingToJson(const spec::TrainingSpec& training) {
    return {{"task", toWord(training.task, kTasks)},
            {"rounds", training.rounds},
            {"learning_rate", training.learningRate},
            {"depth", training.depth},
            {"min_child_weight", training.minimumChildWeight},
            {"row_sample", training.rowSample},
            {"column_sample", training.columnSample},
            {"l2", training.l2},
            {"split",
             {{"kind", toWord(training.split.kind, kSplits)},
              {"column", training.split.column},
              {"test_share", training.split.testShare},
              {"validation_share", training.split.validationShare}}},
            {"seed", training.seed},
            {"impute", training.impute},
            {"early_stopping", training.earlyStopping},
            {"time_budget_s", training.timeBudget.count()},
            {"balance_classes", training.balanceClasses},
            {"class_weights", training.classWeights},
            {"weight", training.weightColumn},
            {"monotone", training.monotone},
            {"folds", training.folds},
            {"search", {{"candidates", training.search.candidates}, {"folds", training.search.folds}}},
            {"device", training.device},
            {"tolerance", training.tolerance}};
}

spec::TrainingSpec trainingFromJson(const json& document) {
    spec::TrainingSpec training;
    training.task = fromWord<spec::Task>(document.at("task"), kTasks);
    document.at("rounds").get_to(training.rounds);
    document.at("learning_rate").get_to(training.learningRate);
    document.at("depth").get_to(training.depth);
    document.at("min_child_weight").get_to(training.minimumChildWeight);
    document.at("row_sample").get_to(training.rowSample);
    document.at("column_sample").get_to(training.columnSample);
    document.at("l2").get_to(training.l2);
    const json& split = document.at("split");
    training.split.kind = fromWord<spec::SplitSpec::Kind>(split.at("kind"), kSplits);
    split.at("column").get_to(training.split.column);
    split.at("test_share").get_to(training.split.testShare);
    split.at("validation_share").get_to(training.split.validationShare);
    document.at("seed").get_to(training.seed);
    document.at("impute").get_to(training.impute);
    document.at("early_stopping").get_to(training.earlyStopping);
    training.timeBudget = Seconds(document.at("time_budget_s").get<double>());
    document.at("balance_classes").get_to(training.balanceClasses);
    document.at("class_weights").get_to(training.classWeights);
    document.at("weight").get_to(training.weightColumn);
    document.at("monotone").get_to(training.monotone);
    document.at("folds").get_to(training.folds);
    document.at("search").at("candidates").get_to(training.search.candidates);
    document.at("search").at("folds").get_to(training.search.folds);
    document.at("device").get_to(training.device);
    training.tolerance = document.value("tolerance", 0.0); // capsules of an older version have none
    checkRanges(training);
    return training;
}

json thresholdToJson(const spec::ThresholdSpec& threshold) {
    return {{"rule", toWord(threshold.rule, kRules)},
            {"value", threshold.value},
            {"false_negative_cost", threshold.falseNegativeCost},
            {"false_positive_cost", threshold.falsePositiveCost}};
}

spec::ThresholdSpec thresholdFromJson(const json& document) {
    spec::ThresholdSpec threshold;
    threshold.rule = fromWord<spec::ThresholdSpec::Rule>(document.at("rule"), kRules);
    document.at("value").get_to(threshold.value);
    document.at("false_negative_cost").get_to(threshold.falseNegativeCost);
    document.at("false_positive_cost").get_to(threshold.falsePositiveCost);
    return threshold;
}

} // namespace perch::model
