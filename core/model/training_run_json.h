#pragma once

#include "core/model/training_run.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::model {

nlohmann::json toJson(const TrainingRun& run);
/// InvalidInput that names the field.
Result<TrainingRun> trainingRunFromJson(const nlohmann::json& document);

std::string curveLine(const RunCurvePoint& point);
std::string logLine(const RunLogLine& line);
/// Nothing for a line that is not one: it was cut off or is foreign.
std::optional<RunCurvePoint> parseCurveLine(std::string_view text);
std::optional<RunLogLine> parseLogLine(std::string_view text);

} // namespace perch::model
