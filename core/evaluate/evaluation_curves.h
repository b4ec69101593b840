#pragma once

#include "core/evaluate/evaluation.h"

namespace perch::evaluate {

/// All curves of one model from its score cells. A curve that is undefined (one class) is empty.
EvaluationCurves makeCurves(const stats::ScoreCells& cells);

ScoreHistogram makeHistogram(const stats::ScoreCells& cells);

} // namespace perch::evaluate
