#pragma once

#include "core/drift/drift_record.h"

#include <functional>
#include <stop_token>
#include <string>

namespace perch::widgets {

/// What a person asks to be compared: names as the pickers show them.
struct DriftRequest {
    ModelName model;
    std::string version;   ///< `v7`: whose features, weights and scores
    std::string reference; ///< file
    std::string current;   ///< file
    drift::DriftPreset preset = drift::DriftPreset::Perch;
    bool operator==(const DriftRequest&) const = default;
};

/// Given by the app; called off the GUI thread, as is the share done (0 to 1) that it tells.
using DriftProgress = std::function<void(double)>;
using DriftMeasurer =
    std::function<Result<drift::DriftRecord>(const DriftRequest&, const DriftProgress&, std::stop_token)>;

} // namespace perch::widgets
