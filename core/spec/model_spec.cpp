#include "core/spec/model_spec.h"

#include "core/base/file.h"
#include "core/spec/yaml_section.h"

#include <algorithm>
#include <limits>

namespace perch::spec {

namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();
constexpr std::size_t kLargestFile = std::size_t{1} << 20;

constexpr std::string_view kTopKeys[] = {"model",     "data",        "sources",  "table",     "types",
                                         "bad_cells", "deduplicate", "features", "label",     "positive",
                                         "ignore",    "split",       "training", "threshold", "acceptance",
                                         "quality",   "gates",       "rollout",  "serving"};
constexpr std::string_view kGateKeys[] = {"accuracy",        "alert_accuracy", "drift",  "p99_ms",
                                          "error_rate",      "minimum_sample", "window", "against_stable",
                                          "accuracy_margin", "error_margin",   "alpha"};
constexpr std::string_view kComparisonUses[] = {"required", "advisory", "off"};
constexpr std::string_view kRolloutKeys[] = {"steps"};

Result<void> readNames(const YamlSection& top, ModelSpec& spec) {
    if (!top.has("model"))
        return top.errorHere("the key 'model' is missing.");
    std::string name, data;
    TRY(top.readText("model", name));
    Result<ModelName> parsed = ModelName::parse(name);
    if (!parsed)
        return top.errorAt("model", "must be lower-case letters, digits and '-', at most 63 (a DNS label).");
    spec.name = *std::move(parsed);
    TRY(top.readText("data", data));
    spec.data = data;
    TRY(top.readText("label", spec.label));
    TRY(top.readText("positive", spec.positive));
    TRY(top.readTexts("ignore", spec.ignored));
    if (std::ranges::find(spec.ignored, spec.label) != spec.ignored.end())
        return top.errorAt("ignore", "must not name the label.");
    return {};
}

Result<void> readComparison(const YamlSection& gates, ComparisonSpec& comparison) {
    std::size_t use = static_cast<std::size_t>(comparison.use);
    TRY(gates.readWord("against_stable", use, kComparisonUses));
    comparison.use = static_cast<ComparisonSpec::Use>(use);
    TRY(gates.readNumber("accuracy_margin", comparison.accuracyMargin, 0, 1));
    TRY(gates.readNumber("error_margin", comparison.errorMargin, 0, 1));
    return gates.readNumber("alpha", comparison.alpha, 1e-6, 0.5);
}

Result<void> readGates(const YamlSection& top, GateSpec& gates) {
    if (!top.has("gates"))
        return {};
    const YamlSection section = TRY(top.section("gates", kGateKeys));
    TRY(section.readNumber("accuracy", gates.accuracy, 0, 1));
    if (section.has("alert_accuracy"))
        TRY(section.readNumber("alert_accuracy", gates.alertAccuracy.emplace(), 0, 1));
    TRY(section.readNumber("drift", gates.drift, 0, 100));
    TRY(section.readNumber("p99_ms", gates.p99Ms, 0.001, kNoLimit));
    TRY(section.readNumber("error_rate", gates.errorRate, 0, 1));
    TRY(section.readInteger("minimum_sample", gates.minimumSample, 1, 1'000'000'000));
    TRY(section.readDuration("window", gates.window));
    return readComparison(section, gates.comparison);
}

Result<void> readRollout(const YamlSection& top, RolloutSpec& rollout) {
    if (!top.has("rollout"))
        return {};
    const YamlSection section = TRY(top.section("rollout", kRolloutKeys));
    std::vector<double> steps;
    TRY(section.readNumbers("steps", steps, 0.01, 100));
    if (steps.empty())
        return {};
    rollout.weights.clear();
    for (const double step : steps)
        rollout.weights.push_back(TRY(Percent::fromPercent(step)));
    if (!std::ranges::is_sorted(rollout.weights, std::ranges::less_equal{}) ||
        rollout.weights.back().basisPoints() != 10'000)
        return section.errorAt("steps", "must ascend and end with 100.");
    return {};
}

} // namespace

Result<ModelSpec> parseModelSpec(std::string_view yaml, const std::string& file) {
    const YamlSection top = TRY(YamlSection::parse(yaml, file, kTopKeys));
    ModelSpec spec;
    TRY(readNames(top, spec));
    TRY(readSources(top, spec.sources));
    TRY(readBuild(top, spec.build));
    TRY(readQuality(top, spec.quality));
    TRY(readTraining(top, spec.training));
    TRY(readThreshold(top, spec.threshold));
    TRY(readAcceptance(top, spec.acceptance));
    TRY(readGates(top, spec.gates));
    TRY(readRollout(top, spec.rollout));
    TRY(readServing(top, spec.serving));
    return spec;
}

Result<ModelSpec> loadModelSpec(const std::filesystem::path& file) {
    return parseModelSpec(TRY(readFile(file, kLargestFile)), file.string());
}

std::string servingPath(const ModelName& name, const std::string& configured) {
    if (!configured.empty())
        return configured;
    std::string alias = "/predict_" + name.text();
    std::ranges::replace(alias, '-', '_');
    return alias;
}

std::string servingPath(const ModelSpec& spec) {
    return servingPath(spec.name, spec.serving.path);
}

} // namespace perch::spec
