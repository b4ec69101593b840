#pragma once

#include "app/cli/context.h"

#include <string>

namespace perch::cli {

/// `perch evaluate --model NAME --since 7d`: what the versions achieved on the labelled requests of the workspace's
/// truth store. The result is kept in the registry's history. 1 if a version in production is below the limit of
/// perch.yaml; NotFound without a labelled request in that time.
Result<int> evaluateLive(const Context& context, const std::string& model, const std::string& since);

/// `perch evaluate --model NAME --history`
Result<int> printEvaluationHistory(const Context& context, const std::string& model);

} // namespace perch::cli
