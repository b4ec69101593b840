#pragma once

#include "core/base/machine.h"
#include "core/model/training_run.h"
#include "core/present/state.h"
#include "core/spec/model_spec.h"

#include <memory>
#include <string>
#include <vector>

namespace perch::present {

/// A check of the data before training, as its run keeps it.
struct TrainingCheck {
    std::string name;
    State verdict = State::NoData;
    std::string sentence, value, limit;
};

/// One training with everything its folder tells. Read off the GUI thread; immutable afterwards.
struct TrainingRun : model::TrainingRun {
    std::shared_ptr<const spec::ModelSpec> asked; ///< as it was asked for; null: not kept
    std::vector<TrainingCheck> checkRows;
    std::vector<model::RunCurvePoint> curve;
    std::vector<model::RunLogLine> log;
};

/// What the Train screen is made of: the newest of everything.
struct TrainingFacts {
    std::vector<std::shared_ptr<const TrainingRun>> runs; ///< newest first
    std::vector<MachineSample> machine;                   ///< oldest first, of the last two minutes
    std::string problem;                                  ///< why runs could not be read; empty if they could
};

/// The checks in a quality report's JSON; what cannot be understood is left out. Never throws.
std::vector<TrainingCheck> trainingChecks(const std::string& json);

} // namespace perch::present
