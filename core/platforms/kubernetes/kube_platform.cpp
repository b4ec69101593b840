#include "core/platforms/kubernetes/kube_platform.h"

#include "core/base/digest.h"

namespace perch::kubernetes {

namespace {

/// Contexts have any name, `arn:aws:eks:...` with slashes among them.
std::filesystem::path ownFolder(const Workspace& workspace, const kube::KubeAccess& access) {
    const std::string place = access.cluster.server + '\n' + access.nameSpace;
    return workspace.root() / "clusters" / sha256(place).hex().substr(0, 16);
}

Error refusal(const std::string& object) {
    return fail(ErrorCode::Denied, "{} is in a cluster, and Perch only reads clusters.", object);
}

} // namespace

Result<std::unique_ptr<KubePlatform>> KubePlatform::open(std::shared_ptr<kube::ApiSession> session,
                                                         const std::string& prometheusUrl, Reading reading,
                                                         const Workspace& workspace, const Clock& clock,
                                                         const std::string& identity) {
    const kube::KubeAccess& access = session->access();
    // A cluster's plans and records are not those of the local platform, nor of another namespace.
    const Workspace own = TRY(Workspace::open(ownFolder(workspace, access)));
    std::unique_ptr<KubePlatform> platform(new KubePlatform(std::move(session), prometheusUrl, reading, clock));
    platform->m_operations =
        TRY(rollout::Operations::open(platform->m_source, platform->m_backend, own, clock, identity));
    return platform;
}

Result<rollout::FieldState> KubePlatform::Refusal::read(const std::string& object, const std::string&) {
    return refusal(object);
}

Result<void> KubePlatform::Refusal::write(const rollout::Step& step, const rollout::Intent&) {
    return refusal(step.object);
}

Result<void> KubePlatform::Refusal::awaitEffect(const rollout::Step& step, std::stop_token, SteadyTime) {
    return refusal(step.object);
}

} // namespace perch::kubernetes
