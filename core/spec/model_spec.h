#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/units.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::spec {

/// Training parameters with the product's defaults (row T1).
struct TrainingSpec {
    std::uint32_t rounds = 500;
    double learningRate = 0.05;
    std::uint32_t depth = 5;
    double testShare = 0.2;
    std::uint64_t seed = 42;
    bool impute = false; ///< median and mode learned on the training rows; otherwise XGBoost handles missing itself
};

/// How the decision threshold is chosen.
struct ThresholdSpec {
    enum class Rule { Fixed, Cost } rule = Rule::Fixed;
    double value = 0.5;           ///< Fixed
    double falseNegativeCost = 1; ///< Cost: a missed positive...
    double falsePositiveCost = 1; ///< ...against a false alarm
};

/// Absolute acceptance limits; absent ones do not exist (design: they live in perch.yaml and nowhere else).
struct AcceptanceSpec {
    std::optional<double> accuracy, f1;
};

/// Limits of the gates and alerts of this model.
struct GateSpec {
    double accuracy = 0.90;              ///< below it a canary is not promoted
    std::optional<double> alertAccuracy; ///< limit of the alert; absent: `accuracy`
    double drift = 0.15;
    double p99Ms = 50;
    double errorRate = 0.01;
    std::uint32_t minimumSample = 500; ///< labelled requests below which accuracy is undecided
    Seconds window{3600};              ///< of story time
};

struct RolloutSpec {
    std::vector<Percent> weights = {Percent::fromBasisPoints(1000), Percent::fromBasisPoints(2500),
                                    Percent::fromBasisPoints(5000), Percent::fromBasisPoints(10000)};
};

struct ServingSpec {
    std::uint32_t replicas = 2;
    std::string path; ///< alias path, default `/predict_<model with _ for ->`
};

/// One model as `perch.yaml` describes it. Absent keys have the defaults above.
struct ModelSpec {
    ModelName name;
    std::filesystem::path data; ///< CSV, relative to the file's folder
    std::string label;
    std::string positive;
    TrainingSpec training;
    ThresholdSpec threshold;
    AcceptanceSpec acceptance;
    GateSpec gates;
    RolloutSpec rollout;
    ServingSpec serving;
};

/// Parses and validates the text of a perch.yaml. InvalidInput whose `where` is `file:line:column`; unknown keys and
/// wrong types are errors.
Result<ModelSpec> parseModelSpec(std::string_view yaml, const std::string& file);
Result<ModelSpec> loadModelSpec(const std::filesystem::path& file);

/// The alias path of a model, e.g. `/predict_credit_risk`.
std::string servingPath(const ModelSpec& spec);

} // namespace perch::spec
