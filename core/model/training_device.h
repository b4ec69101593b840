#pragma once

#include <string>

namespace perch::model {

class XgboostLibrary;

/// Where a training runs, and why not where it was asked to.
struct TrainingDevice {
    std::string name = "cpu"; ///< as XGBoost names it
    std::string fallback;     ///< one sentence; empty if it is the one that was asked for
};

TrainingDevice chooseDevice(const XgboostLibrary& library, const std::string& asked);

} // namespace perch::model
