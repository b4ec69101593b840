#pragma once

#include "app/cli/context.h"
#include "core/rollout/platform.h"

namespace perch::cli {

/// The platform that a verb is for, acted on in the name of whoever runs the program: a namespace of a cluster if one
/// was chosen, else the local platform of the workspace.
Result<std::unique_ptr<rollout::Platform>> openPlatform(const Context& context);

} // namespace perch::cli
