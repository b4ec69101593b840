#pragma once

#include "app/cli/context.h"
#include "core/platforms/local/local_platform.h"

namespace perch::cli {

/// The local platform of the verb's workspace, acted on in the name of whoever runs the program.
Result<std::unique_ptr<local::LocalPlatform>> openPlatform(const Context& context);

} // namespace perch::cli
