#pragma once

#include "app/cli/context.h"
#include "core/evaluate/evaluate.h"

#include <memory>
#include <string>

namespace perch::model {
class XgboostLibrary;
}

namespace perch::cli {

/// A model that a verb works on, with the name people know it by.
struct LoadedSubject {
    std::unique_ptr<model::Predictor> predictor;
    evaluate::EvaluationSubject subject; ///< borrows the predictor
};

/// What `--package`, `--model` and `--version` say.
struct SubjectArguments {
    std::string package, model, version;
};

/// A package folder, or a version of a registered model. InvalidInput if neither or both are named.
Result<LoadedSubject> loadSubject(const Context& context, const model::XgboostLibrary& library,
                                  const SubjectArguments& arguments);

/// `v7` of the model that is named, `NAME:v7`, or a package folder.
Result<LoadedSubject> loadSubject(const Context& context, const model::XgboostLibrary& library, const std::string& text,
                                  const std::string& modelName);

void addSubjectOptions(CLI::App& verb, SubjectArguments& arguments);

} // namespace perch::cli
