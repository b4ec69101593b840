#pragma once

#include "core/present/drift_screen.h"

namespace perch::present {

/// The parts of the Drift screen. Pure.
std::vector<DriftRow> makeDriftRows(const drift::DriftRecord& record, DriftOrder order);
DriftHistogram makeDriftHistogram(const drift::ModelDrift& drift, const drift::DriftedColumn& column,
                                  const DriftRow& row);
DriftMeaning makeDriftMeaning(const drift::ModelDrift& drift);
DriftEstimate makeDriftEstimate(const drift::ModelDrift& drift);

} // namespace perch::present
