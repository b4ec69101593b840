#pragma once

#include "core/base/workspace.h"
#include "core/evaluate/evaluation.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::evaluate {

/// Whether the score cells go into the document: needed to move the threshold later, large otherwise.
enum class WithCells { No, Yes };

/// The document of `perch evaluate --json`: metrics, baseline, difference, slices, fairness and verdict as scripts rely
/// on them, and everything else of the value beside them.
nlohmann::json toJson(const Evaluation& evaluation, WithCells cells);

/// Reads what `toJson(..., WithCells::Yes)` wrote; Corrupt that names `what` otherwise.
Result<Evaluation> evaluationFromJson(const nlohmann::json& document, const std::string& what);

/// The last evaluation of each model is kept in the workspace for the Evaluate screen.
std::filesystem::path evaluationFile(const Workspace& workspace, const ModelName& model);
Result<void> storeEvaluation(const Workspace& workspace, const Evaluation& evaluation);
Result<Evaluation> loadEvaluation(const Workspace& workspace, const ModelName& model);

} // namespace perch::evaluate
