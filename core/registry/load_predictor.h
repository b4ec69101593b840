#pragma once

#include "core/model/predict/predictor.h"
#include "core/registry/registry.h"

#include <memory>

namespace perch::registry {

/// Loads a registered version for scoring; its package is checked against the digest of the record. `library` must
/// outlive the predictor. NotFound for an unknown version, Corrupt for a package that is not the registered one.
Result<std::unique_ptr<model::Predictor>> loadPredictor(Registry& registry, const model::XgboostLibrary& library,
                                                        const ModelName& model, Version version);

} // namespace perch::registry
