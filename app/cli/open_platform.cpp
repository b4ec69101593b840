#include "app/cli/open_platform.h"

namespace perch::cli {

Result<std::unique_ptr<local::LocalPlatform>> openPlatform(const Context& context) {
    const Workspace workspace = TRY(context.workspace());
    return local::LocalPlatform::open(workspace, *context.clock, context.identity());
}

} // namespace perch::cli
