#pragma once

#include "core/evaluate/evaluation.h"

#include <string>

namespace perch::evaluate {

/// A square chart of the report as inline SVG, both axes from 0 to 1, baseline behind candidate.
std::string makeRocChart(const Evaluation& evaluation);
std::string makePrecisionRecallChart(const Evaluation& evaluation);
std::string makeCalibrationChart(const Evaluation& evaluation);

} // namespace perch::evaluate
