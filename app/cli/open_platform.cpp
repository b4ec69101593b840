#include "app/cli/open_platform.h"

#include "core/platforms/kubernetes/kube_platform.h"
#include "core/platforms/local/local_platform.h"

namespace perch::cli {

Result<std::unique_ptr<rollout::Platform>> openPlatform(const Context& context) {
    const Workspace workspace = TRY(context.workspace());
    if (context.cluster.any())
        return TRY(kubernetes::KubePlatform::open(TRY(context.session()), context.prometheus, kubernetes::Reading::Once,
                                                  workspace, *context.clock, context.identity()));
    return TRY(local::LocalPlatform::open(workspace, *context.clock, context.identity()));
}

} // namespace perch::cli
