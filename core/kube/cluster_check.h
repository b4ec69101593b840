#pragma once

#include "core/kube/access_review.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::kube {

/// What Perch needs a right for. Without `See` there is nothing to show; without another one, the actions that need it
/// are disabled with the reason.
enum class AccessPurpose {
    See,     ///< models, versions and pods
    Explain, ///< rollout records, Services, who acts, events, logs, autoscalers, quotas
    Nodes,   ///< of the whole cluster
    Change,  ///< Deployments, the records of rollouts, and the Leases that keep actors apart
    Traffic, ///< the objects of the backends, and those that a new version gets
};
std::string_view toString(AccessPurpose purpose); ///< `see`...

struct AccessFact {
    AccessPurpose purpose = AccessPurpose::See;
    AccessQuestion question;
    AccessAnswer answer;
};

/// What a cluster says of itself and of us.
struct ClusterCheck {
    std::string version;                  ///< `v1.34.10`
    std::optional<KubeIdentity> identity; ///< nothing: the server is too old to say
    std::vector<AccessFact> access;
    std::uint64_t requests = 0; ///< that it took

    /// Whether every right of a purpose is there.
    bool allowed(AccessPurpose purpose) const;
};

/// Every right that Perch may need in a namespace.
std::vector<AccessFact> neededAccess(const std::string& nameSpace);

/// Asks for version, identity and each of `neededAccess`. The first error ends it.
Result<ClusterCheck> inspectCluster(ApiClient& client, const std::string& nameSpace, std::stop_token stop = {});

} // namespace perch::kube
