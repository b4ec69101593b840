#pragma once

#include "app/cli/context.h"
#include "core/evaluate/evaluate.h"

#include <string>

namespace perch::cli {

/// The options that `evaluate` and `compare` share.
struct EvaluationArguments {
    std::string data, report;
    std::string tolerance, costs;
    evaluate::EvaluationOptions options;
};
void addEvaluationOptions(CLI::App& verb, EvaluationArguments& arguments);

/// Evaluates, writes the report that was asked for, keeps the result for the Evaluate screen, prints it, and gives the
/// exit code: 1 if the candidate is worse than the baseline.
Result<int> evaluateAndPrint(const Context& context, const EvaluationArguments& arguments,
                             const evaluate::EvaluationSubject& candidate, const evaluate::EvaluationSubject* baseline);

} // namespace perch::cli
