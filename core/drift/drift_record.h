#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/workspace.h"
#include "core/drift/model_drift.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::drift {

/// A comparison as a model sees it, with what was compared. The last one of each model is kept in the workspace.
struct DriftRecord {
    ModelName model;
    std::string subject;   ///< `v7`, or the package folder as it was named
    std::string reference; ///< the source as it was named
    std::string current;
    double alpha = 0.05; ///< that it was judged with
    SystemTime madeAt{};
    ModelDrift drift = {};
};

/// The document of `perch drift --package --json`: that of the comparison, and what was compared beside it.
nlohmann::json toJson(const DriftRecord& record);

/// Reads what `toJson` wrote; Corrupt that names `what` otherwise.
Result<DriftRecord> driftRecordFromJson(const nlohmann::json& document, const std::string& what);

/// The last comparison of each model, for the Drift screen. Written in one step.
std::filesystem::path driftFile(const Workspace& workspace, const ModelName& model);
Result<void> storeDrift(const Workspace& workspace, const DriftRecord& record);
Result<DriftRecord> loadDrift(const Workspace& workspace, const ModelName& model);

/// What is compared, as a person named it.
struct DriftNames {
    ModelName model;
    std::string subject;
    std::string reference;
    std::string current;
};

/// Compares the two sources as a model sees them and keeps the result as the model's last comparison. Errors as of
/// measureModelDrift; Unavailable or Internal if it cannot be kept.
Result<DriftRecord> recordDrift(const Workspace& workspace, const DriftNames& names, const ModelDriftRequest& request,
                                const DriftOptions& options, const DriftReading& reading, std::stop_token stop);

} // namespace perch::drift
