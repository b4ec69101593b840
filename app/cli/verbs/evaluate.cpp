#include "app/cli/evaluation_output.h"
#include "app/cli/live_evaluation.h"
#include "app/cli/model_subject.h"
#include "app/cli/verbs.h"
#include "core/model/predict/xgboost_library.h"

#include <CLI/CLI.hpp>

namespace perch::cli {

namespace {

struct EvaluateArguments {
    SubjectArguments subject;
    std::string baseline, since;
    bool history = false;
    EvaluationArguments evaluation;
};

Result<int> runEvaluate(const Context& context, const EvaluateArguments& arguments) {
    if (arguments.history || !arguments.since.empty()) {
        if (arguments.subject.model.empty())
            return fail(ErrorCode::InvalidInput, "Name the model with --model NAME.");
        return arguments.history ? printEvaluationHistory(context, arguments.subject.model)
                                 : evaluateLive(context, arguments.subject.model, arguments.since);
    }
    if (arguments.evaluation.data.empty())
        return fail(ErrorCode::InvalidInput,
                    "Name the labelled rows with --data FILE, or the labelled requests with --model NAME --since 7d.");
    const auto library = TRY(model::XgboostLibrary::load());
    const LoadedSubject candidate = TRY(loadSubject(context, *library, arguments.subject));
    LoadedSubject baseline;
    if (!arguments.baseline.empty())
        baseline = TRY(loadSubject(context, *library, arguments.baseline, arguments.subject.model));
    return evaluateAndPrint(context, arguments.evaluation, candidate.subject,
                            arguments.baseline.empty() ? nullptr : &baseline.subject);
}

} // namespace

void addEvaluateVerb(CLI::App& app) {
    const auto arguments = std::make_shared<EvaluateArguments>();
    CLI::App* verb =
        addVerb(app, "evaluate", "Measure a model on labelled rows or requests, alone or against a baseline",
                [arguments](const Context& context) { return runEvaluate(context, *arguments); });
    addSubjectOptions(*verb, arguments->subject);
    verb->add_option("--baseline", arguments->baseline, "Package folder, or version of --model, to compare with");
    addEvaluationOptions(*verb, arguments->evaluation);
    verb->add_option(
        "--since", arguments->since,
        "With --model: on the requests of this long that have a label by now, e.g. 7d; kept in the history");
    verb->add_flag("--history", arguments->history, "With --model: the results that were kept, newest first");
}

} // namespace perch::cli
