#include "core/spec/training_spec.h"

#include "core/spec/yaml_section.h"

#include <limits>
#include <string_view>

namespace perch::spec {

namespace {

constexpr std::string_view kTrainingKeys[] = {"rounds", "learning_rate", "depth", "test_share", "seed", "impute"};
constexpr std::string_view kThresholdKeys[] = {"false_negative_cost", "false_positive_cost"};
constexpr std::string_view kAcceptanceKeys[] = {"accuracy", "f1"};

} // namespace

Result<void> readTraining(const YamlSection& top, TrainingSpec& training) {
    if (!top.has("training"))
        return {};
    const YamlSection section = TRY(top.section("training", kTrainingKeys));
    TRY(section.readInteger("rounds", training.rounds, 1, 100'000));
    TRY(section.readNumber("learning_rate", training.learningRate, 1e-6, 1));
    TRY(section.readInteger("depth", training.depth, 1, 30));
    TRY(section.readNumber("test_share", training.split.testShare, 0.01, 0.9));
    TRY(section.readInteger("seed", training.seed, 0, std::uint64_t{std::numeric_limits<std::int32_t>::max()}));
    return section.readBoolean("impute", training.impute);
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
    return {};
}

} // namespace perch::spec
