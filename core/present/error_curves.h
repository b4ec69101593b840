#pragma once

#include "core/evaluate/evaluation.h"
#include "core/present/curve_card.h"

#include <vector>

namespace perch::present {

/// The four charts of a regression: predicted against true, error over the prediction, mean truth by tenth of the
/// prediction, and the distribution of the errors. Pure.
std::vector<CurveCard> makeErrorCurves(const evaluate::Evaluation& evaluation);

} // namespace perch::present
