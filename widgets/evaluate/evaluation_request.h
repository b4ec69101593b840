#pragma once

#include "core/evaluate/evaluation.h"

#include <functional>
#include <stop_token>
#include <string>

namespace perch::widgets {

/// What a person asks to be evaluated: names as the pickers show them.
struct EvaluationRequest {
    ModelName model;
    std::string candidate; ///< `v8`
    std::string baseline;  ///< `v7`; empty: none
    std::string data;      ///< file
    bool operator==(const EvaluationRequest&) const = default;
};

/// Given by the app; called off the GUI thread.
using Evaluator = std::function<Result<evaluate::Evaluation>(const EvaluationRequest&, std::stop_token)>;

} // namespace perch::widgets
