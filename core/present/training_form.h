#pragma once

#include "core/base/text.h"
#include "core/present/training_run.h"
#include "core/spec/training_spec.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace perch::present {

/// The texts of the form by key, as the person typed them.
using TrainingFields = std::map<std::string, std::string>;

/// One field of the form.
struct ParameterField {
    std::string key;    ///< of perch.yaml where there is one: `learning_rate`
    Text label;         ///< `Learning rate`
    std::string value;
    Text error;         ///< why the value is refused; empty: it is fine
    bool editable = true;
};

/// What a person asks to be trained.
struct TrainingRequest {
    ModelName model;
    std::filesystem::path data;
    std::string label, positive;
    spec::TrainingSpec training;
    std::shared_ptr<const spec::ModelSpec> base = nullptr; ///< what is not in the form: that of the run shown; null: none
};

/// The fields for the next training: what a run used (null: the defaults) with the edits over it, each checked by the
/// same code that reads perch.yaml.
std::vector<ParameterField> editableFields(const TrainingRun* run, const TrainingFields& edits);

/// What a run is trained with: nothing can be changed.
std::vector<ParameterField> fixedFields(const TrainingRun& run);

/// The request that the fields make, over what `run` (null: none) was asked for. InvalidInput with the first thing that
/// is missing or wrong.
Result<TrainingRequest> makeTrainingRequest(const ModelName& model, const std::string& data,
    const std::vector<ParameterField>& fields, const TrainingRun* run);

/// A shell script that repeats the training with `perch train`.
std::string trainingScript(const ModelName& model, const std::string& data, const std::vector<ParameterField>& fields);

} // namespace perch::present
