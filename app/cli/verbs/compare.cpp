#include "app/cli/evaluation_output.h"
#include "app/cli/model_subject.h"
#include "app/cli/verbs.h"
#include "core/model/predict/xgboost_library.h"

#include <CLI/CLI.hpp>

namespace perch::cli {

namespace {

struct CompareArguments {
    std::string candidate, baseline, model;
    EvaluationArguments evaluation;
};

Result<int> runCompare(const Context& context, const CompareArguments& arguments) {
    const auto library = TRY(model::XgboostLibrary::load());
    const LoadedSubject candidate = TRY(loadSubject(context, *library, arguments.candidate, arguments.model));
    const LoadedSubject baseline = TRY(loadSubject(context, *library, arguments.baseline, arguments.model));
    return evaluateAndPrint(context, arguments.evaluation, candidate.subject, &baseline.subject);
}

} // namespace

void addCompareVerb(CLI::App& app) {
    const auto arguments = std::make_shared<CompareArguments>();
    CLI::App* verb = addVerb(app, "compare", "Say whether a model is better than another on the same rows",
                             [arguments](const Context& context) { return runCompare(context, *arguments); });
    verb->add_option("candidate", arguments->candidate, "Package folder, NAME:vN, or vN with --model")->required();
    verb->add_option("baseline", arguments->baseline, "The same, of what it is compared with")->required();
    verb->add_option("--model", arguments->model, "Registered model that vN are versions of");
    addEvaluationOptions(*verb, arguments->evaluation);
    verb->get_option("--data")->required();
}

} // namespace perch::cli
