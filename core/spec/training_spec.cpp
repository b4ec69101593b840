#include "core/spec/training_spec.h"

#include "core/spec/yaml_section.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <string_view>

namespace perch::spec {

namespace {

constexpr std::string_view kTrainingKeys[] = {
    "rounds", "task",           "learning_rate", "depth",           "min_child_weight", "row_sample", "column_sample",
    "l2",     "test_share",     "seed",          "impute",          "early_stopping",   "time_budget", "balance_classes",
    "class_weights", "weight",  "monotone",      "folds",           "search",           "device",     "tolerance"};
constexpr std::string_view kSplitKeys[] = {"kind", "column", "test_share", "validation_share"};
constexpr std::string_view kSearchKeys[] = {"candidates", "folds"};
constexpr std::string_view kThresholdKeys[] = {"false_negative_cost", "false_positive_cost"};
constexpr std::string_view kAcceptanceKeys[] = {"accuracy", "f1",     "bias",        "group",
                                                "compare",  "better", "minimum_rows"};

constexpr std::string_view kTasks[] = {"from_label", "binary", "multi_class", "regression"};
constexpr std::string_view kSplitKinds[] = {"stratified", "random", "group", "time"};
constexpr std::string_view kDevices[] = {"cpu", "cuda"};
constexpr std::string_view kMetrics[] = {"accuracy", "precision", "recall",   "f1",  "roc_auc", "pr_auc",
                                         "log_loss", "brier",     "macro_f1", "mae", "rmse",    "r2"};

Result<void> readClassWeights(const YamlSection& training, TrainingSpec& out) {
    if (!training.has("class_weights"))
        return {};
    if (out.balanceClasses)
        return training.errorAt("class_weights", "and balance_classes exclude each other.");
    const YamlSection section = TRY(training.namedSection("class_weights"));
    for (const std::string& name : section.keys())
        TRY(section.readNumber(name, out.classWeights[name], 1e-6, 1e6));
    return {};
}

/// `column: +1` or `increasing`, `column: -1` or `decreasing`.
Result<void> readMonotone(const YamlSection& training, TrainingSpec& out) {
    if (!training.has("monotone"))
        return {};
    const YamlSection section = TRY(training.namedSection("monotone"));
    for (const std::string& name : section.keys()) {
        std::string text;
        TRY(section.readText(name, text));
        if (text == "1" || text == "+1" || text == "increasing")
            out.monotone[name] = 1;
        else if (text == "-1" || text == "decreasing")
            out.monotone[name] = -1;
        else
            return section.errorAt(name, "must be increasing (+1) or decreasing (-1).");
    }
    return {};
}

Result<void> readSearch(const YamlSection& training, SearchSpec& search) {
    if (!training.has("search"))
        return {};
    const YamlSection section = TRY(training.section("search", kSearchKeys));
    if (!section.has("candidates"))
        return section.errorHere("training.search needs the number of candidates.");
    TRY(section.readInteger("candidates", search.candidates, std::uint32_t{2}, std::uint32_t{1'000}));
    return section.readInteger("folds", search.folds, std::uint32_t{2}, std::uint32_t{20});
}

/// The section `split`; `training.test_share` is its short form.
Result<void> readSplit(const YamlSection& top, const YamlSection* training, SplitSpec& split) {
    if (training != nullptr)
        TRY(training->readNumber("test_share", split.testShare, 0.01, 0.9));
    if (!top.has("split"))
        return {};
    const YamlSection section = TRY(top.section("split", kSplitKeys));
    if (training != nullptr && training->has("test_share") && section.has("test_share"))
        return section.errorAt("test_share", "is given in training already.");
    auto kind = static_cast<std::size_t>(split.kind);
    TRY(section.readWord("kind", kind, kSplitKinds));
    split.kind = static_cast<SplitSpec::Kind>(kind);
    TRY(section.readText("column", split.column));
    TRY(section.readNumber("test_share", split.testShare, 0.01, 0.9));
    TRY(section.readNumber("validation_share", split.validationShare, 0.01, 0.9));
    const bool byColumn = split.kind == SplitSpec::Kind::Group || split.kind == SplitSpec::Kind::Time;
    if (byColumn && split.column.empty())
        return section.errorHere(fmt::format("split by {} needs the column.", kSplitKinds[kind]));
    if (!byColumn && !split.column.empty())
        return section.errorAt("column", "is only for the kinds group and time.");
    return {};
}

Result<void> readParameters(const YamlSection& section, TrainingSpec& training) {
    auto task = static_cast<std::size_t>(training.task);
    TRY(section.readWord("task", task, kTasks));
    training.task = static_cast<Task>(task);
    TRY(section.readInteger("rounds", training.rounds, std::uint32_t{1}, std::uint32_t{100'000}));
    TRY(section.readNumber("learning_rate", training.learningRate, 1e-6, 1));
    TRY(section.readInteger("depth", training.depth, std::uint32_t{1}, std::uint32_t{16}));
    TRY(section.readNumber("min_child_weight", training.minimumChildWeight, 0, 1e9));
    TRY(section.readNumber("row_sample", training.rowSample, 0.01, 1));
    TRY(section.readNumber("column_sample", training.columnSample, 0.01, 1));
    TRY(section.readNumber("l2", training.l2, 0, 1e9));
    TRY(section.readInteger("seed", training.seed, 0, std::uint64_t{std::numeric_limits<std::int32_t>::max()}));
    TRY(section.readBoolean("impute", training.impute));
    TRY(section.readInteger("early_stopping", training.earlyStopping, std::uint32_t{0}, std::uint32_t{100'000}));
    TRY(section.readDuration("time_budget", training.timeBudget));
    TRY(section.readBoolean("balance_classes", training.balanceClasses));
    TRY(section.readText("weight", training.weightColumn));
    TRY(section.readInteger("folds", training.folds, std::uint32_t{0}, std::uint32_t{20}));
    if (training.folds == 1)
        return section.errorAt("folds", "must be 0 or from 2 to 20.");
    if (section.has("tolerance")) {
        TRY(section.readNumber("tolerance", training.tolerance, 1e-12, 1e30));
        if (training.task == Task::Binary || training.task == Task::MultiClass)
            return section.errorAt("tolerance", "is only for a regression.");
    }
    std::size_t device = training.device == kDevices[1] ? 1 : 0;
    TRY(section.readWord("device", device, kDevices));
    training.device = kDevices[device];
    return {};
}

} // namespace

Result<void> readTraining(const YamlSection& top, TrainingSpec& training) {
    if (!top.has("training"))
        return readSplit(top, nullptr, training.split);
    const YamlSection section = TRY(top.section("training", kTrainingKeys));
    TRY(readParameters(section, training));
    TRY(readClassWeights(section, training));
    TRY(readMonotone(section, training));
    TRY(readSearch(section, training.search));
    return readSplit(top, &section, training.split);
}

/// A number, or the two costs that choose it.
Result<void> readThreshold(const YamlSection& top, ThresholdSpec& threshold) {
    if (!top.has("threshold"))
        return {};
    if (!top.isSection("threshold"))
        return top.readNumber("threshold", threshold.value, 0, 1);
    const YamlSection section = TRY(top.section("threshold", kThresholdKeys));
    for (const std::string_view key : kThresholdKeys) {
        if (!section.has(key))
            return section.errorHere(fmt::format("threshold needs both costs; '{}' is missing.", key));
    }
    threshold.rule = ThresholdSpec::Rule::Cost;
    TRY(section.readNumber("false_negative_cost", threshold.falseNegativeCost, 1e-6, 1e9));
    return section.readNumber("false_positive_cost", threshold.falsePositiveCost, 1e-6, 1e9);
}

Result<void> readAcceptance(const YamlSection& top, AcceptanceSpec& acceptance) {
    if (!top.has("acceptance"))
        return {};
    const YamlSection section = TRY(top.section("acceptance", kAcceptanceKeys));
    if (section.has("accuracy"))
        TRY(section.readNumber("accuracy", acceptance.accuracy.emplace(), 0, 1));
    if (section.has("f1"))
        TRY(section.readNumber("f1", acceptance.f1.emplace(), 0, 1));
    if (section.has("bias"))
        TRY(section.readNumber("bias", acceptance.bias.emplace(), 0, 1));
    TRY(section.readText("group", acceptance.group));
    if (acceptance.bias.has_value() == acceptance.group.empty())
        return section.errorHere("acceptance.bias needs the column of the groups as acceptance.group, and the other "
                                 "way round.");
    TRY(section.readTexts("compare", acceptance.compare));
    for (const std::string& name : acceptance.compare) {
        if (std::ranges::find(kMetrics, name) == std::end(kMetrics))
            return section.errorAt("compare", fmt::format("names an unknown metric '{}'; there are {}.", name,
                                                          fmt::join(kMetrics, ", ")));
    }
    TRY(section.readBoolean("better", acceptance.better));
    return section.readInteger("minimum_rows", acceptance.minimumRows, std::uint32_t{1}, std::uint32_t{100'000'000});
}

} // namespace perch::spec
