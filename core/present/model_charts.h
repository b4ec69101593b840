#pragma once

#include "core/present/model_screen.h"

namespace perch::present {

/// The charts and the heat strip of the Model screen. Pure; `audit` may be null (then there are no event flags).
Chart makeAccuracyChart(const fleet::ModelFacts& model, const AuditFacts* audit, SystemTime now);
Chart makeLatencyChart(const fleet::ModelFacts& model, SystemTime now);
HeatStrip makeHeatStrip(const fleet::ModelFacts& model, std::size_t mostRows = 7,
                        telemetry::DriftRange range = telemetry::DriftRange::Day);

} // namespace perch::present
