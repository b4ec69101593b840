#include "app/console/platform_opener.h"

#include "core/platforms/kubernetes/kube_platform.h"
#include "core/platforms/local/local_platform.h"

namespace perch::console {

PlatformOpener localPlatform(const Workspace& workspace, const Clock& clock, const std::string& identity) {
    return [workspace, &clock, identity](kubernetes::Reading) -> Result<std::unique_ptr<rollout::Platform>> {
        return TRY(local::LocalPlatform::open(workspace, clock, identity));
    };
}

PlatformOpener clusterPlatform(std::shared_ptr<kube::ApiSession> session, const std::string& prometheusUrl,
                               const Workspace& workspace, const Clock& clock, const std::string& identity) {
    return [session = std::move(session), prometheusUrl, workspace, &clock,
            identity](kubernetes::Reading reading) -> Result<std::unique_ptr<rollout::Platform>> {
        return TRY(kubernetes::KubePlatform::open(session, prometheusUrl, reading, workspace, clock, identity));
    };
}

} // namespace perch::console
