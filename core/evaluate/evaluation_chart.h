#pragma once

#include "core/evaluate/evaluation.h"

#include <string>

namespace perch::evaluate {

/// Charts of the report as inline SVG, baseline behind candidate. Colors are those of the light theme, and the classes
/// `c` (candidate), `b` (baseline), `grid`, `axis`, `tick` let a style sheet replace them.
std::string makeRocChart(const Evaluation& evaluation);
std::string makePrecisionRecallChart(const Evaluation& evaluation);
std::string makeCalibrationChart(const Evaluation& evaluation); ///< also of models with several classes
std::string makeGainChart(const Evaluation& evaluation);
std::string makePredictionChart(const Evaluation& evaluation); ///< regression: prediction over truth, drawn rows
std::string makeErrorBinChart(const Evaluation& evaluation);   ///< regression: mean truth over mean prediction
std::string makeErrorChart(const Evaluation& evaluation);      ///< regression: how far off, rows per bin

} // namespace perch::evaluate
