#pragma once

#include "app/cli/context.h"
#include "core/rollout/audit.h"

namespace perch::cli {

/// Writes the audit line of something that a verb did and that is no plan: `record` needs action, model, summary, result
/// and, if there is one, reason and error; who, when and from where is filled in. Call it after the effect, also after
/// one that failed half-way. What was done stays done when the line cannot be written: then it is said on stderr.
/// Returns the place of the line for --json, null if there is none.
nlohmann::json recordAction(const Context& context, const Workspace& workspace, rollout::AuditRecord record);

} // namespace perch::cli
