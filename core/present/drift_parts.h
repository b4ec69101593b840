#pragma once

#include "core/present/drift_screen.h"

namespace perch::present {

/// The parts of the Drift screen. Pure.
std::vector<DriftRow> makeDriftRows(const drift::DriftRecord& record, DriftOrder order);
DriftHistogram makeDriftHistogram(const drift::ModelDrift& drift, const drift::DriftedColumn& column,
                                  const DriftRow& row);
/// Of the requests that a served version answered over the window.
DriftHistogram makeLiveHistogram(const fleet::ModelFacts& model, const fleet::VersionFacts& version,
                                 const fleet::FeatureDrift& feature);
DriftMeaning makeDriftMeaning(const drift::ModelDrift& drift);
DriftEstimate makeDriftEstimate(const drift::ModelDrift& drift);

} // namespace perch::present
