#pragma once

#include "core/fleet/snapshot.h"
#include "core/drift/drift_record.h"
#include "core/evaluate/evaluation.h"
#include "core/present/audit_screen.h"
#include "core/present/shell_screen.h"

#include <map>
#include <memory>

namespace perch::widgets {

/// Everything that the window shows, immutable parts: the newest of each. Copies are cheap.
struct Facts {
    fleet::SnapshotPtr snapshot; ///< null before the first read
    present::ShellInput shell;
    std::shared_ptr<const present::AuditFacts> audit;                          ///< null before the first read
    std::map<ModelName, std::shared_ptr<const evaluate::Evaluation>> evaluations; ///< the last one of each model
    std::map<ModelName, std::shared_ptr<const drift::DriftRecord>> drifts = {}; ///< the last comparison of each model
};

} // namespace perch::widgets
