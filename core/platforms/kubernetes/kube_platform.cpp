#include "core/platforms/kubernetes/kube_platform.h"

#include "core/base/digest.h"
#include "core/platforms/kubernetes/lease_lock.h"

namespace perch::kubernetes {

namespace {

/// Contexts have any name, `arn:aws:eks:...` with slashes among them.
std::filesystem::path ownFolder(const Workspace& workspace, const kube::KubeAccess& access) {
    const std::string place = access.cluster.server + '\n' + access.nameSpace;
    return workspace.root() / "clusters" / sha256(place).hex().substr(0, 16);
}

} // namespace

Result<std::unique_ptr<KubePlatform>> KubePlatform::open(std::shared_ptr<kube::ApiSession> session,
                                                         const std::string& prometheusUrl, Reading reading,
                                                         const Workspace& workspace, const Clock& clock,
                                                         const std::string& identity) {
    const kube::KubeAccess& access = session->access();
    // A cluster's plans and records are not those of the local platform, nor of another namespace.
    const Workspace own = TRY(Workspace::open(ownFolder(workspace, access)));
    std::unique_ptr<KubePlatform> platform(new KubePlatform(session, prometheusUrl, reading, clock));
    auto locks = std::make_unique<LeaseLocks>(session, own.locks(), TRY(rollout::installationOf(own)), clock);
    platform->m_operations =
        TRY(rollout::Operations::open(platform->m_source, platform->m_backend, own, clock, identity, std::move(locks)));
    return platform;
}

} // namespace perch::kubernetes
