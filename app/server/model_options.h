#pragma once

#include "core/serving/model_server.h"

#include <map>
#include <string>
#include <vector>

namespace perch::app {

/// What the command line says about the models to serve. The lists belong together by position.
struct ModelArguments {
    std::vector<std::string> packages, versions, digests, models, paths;
    std::vector<std::string> configurations; ///< perch.yaml files
    std::string engine = "perch";
    std::string logFolder; ///< empty: no prediction log
};

/// The models to load, the rules between them, and what is kept of their predictions.
struct ServedModels {
    std::vector<serving::ModelSource> sources;
    std::vector<serving::RouteRule> rules;
    serving::PredictionLog::Options log;
    std::map<std::string, serving::FeatureLookup::Options> lookups; ///< by model
};

/// InvalidInput for what does not fit together, with file, line and column where a file is wrong.
Result<ServedModels> servedModelsOf(const ModelArguments& arguments);

} // namespace perch::app
