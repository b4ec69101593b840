#pragma once

#include "core/model/evaluation.h"

namespace perch::model {

/// All curves of one model from its score cells. A curve that is undefined (one class) is empty.
EvaluationCurves makeCurves(const stats::ScoreCells& cells);

ScoreHistogram makeHistogram(const stats::ScoreCells& cells);

} // namespace perch::model
