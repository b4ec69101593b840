#pragma once

#include "core/present/model_screen.h"

namespace perch::present {

/// The six buttons with their words, reasons and intents. Pure.
std::array<ActionButton, kModelButtons> makeActions(const fleet::ModelFacts& model, const GateTable& gates,
    const ModelScreenInput& input);

/// The version that a new canary would have: the challenger if it is not serving, else the newest registered version
/// above the stable one.
std::optional<Version> nextCandidate(const fleet::ModelFacts& model);

WeightField makeWeightField(const fleet::ModelFacts& model, const ActionButton& button);

std::vector<TrackStep> makeTrack(const fleet::ModelFacts& model, SystemTime now);

} // namespace perch::present
