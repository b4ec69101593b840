#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/units.h"
#include "core/spec/build_spec.h"
#include "core/spec/comparison_spec.h"
#include "core/spec/quality_spec.h"
#include "core/spec/serving_spec.h"
#include "core/spec/source_spec.h"
#include "core/spec/training_spec.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::spec {

/// Limits of the gates and alerts of this model.
struct GateSpec {
    double accuracy = 0.90;              ///< below it a canary is not promoted
    std::optional<double> alertAccuracy; ///< limit of the alert; absent: `accuracy`
    double drift = 0.15;
    double p99Ms = 50;
    double errorRate = 0.01;
    std::uint32_t minimumSample = 500; ///< labelled requests below which accuracy is undecided
    Seconds window{3600};              ///< of story time
    ComparisonSpec comparison;
};

struct RolloutSpec {
    std::vector<Percent> weights = {Percent::fromBasisPoints(1000), Percent::fromBasisPoints(2500),
                                    Percent::fromBasisPoints(5000), Percent::fromBasisPoints(10000)};
};

/// One model as `perch.yaml` describes it. Absent keys have the defaults above.
struct ModelSpec {
    ModelName name;
    std::filesystem::path data; ///< one file as the only source, relative to the file's folder; or `sources`
    std::vector<SourceSpec> sources;
    BuildSpec build;
    QualitySpec quality;
    std::string label;
    std::string positive;
    std::vector<std::string> ignored; ///< columns of the table that no model reads
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

/// The alias path of a model: what is configured (`serving.path`), else by its name, e.g. `/predict_credit_risk`.
std::string servingPath(const ModelName& name, const std::string& configured);
std::string servingPath(const ModelSpec& spec);

} // namespace perch::spec
