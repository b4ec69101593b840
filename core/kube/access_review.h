#pragma once

#include "core/kube/api_client.h"
#include "core/kube/resource.h"

#include <string>
#include <vector>

namespace perch::kube {

/// Whom the API server takes us for.
struct KubeIdentity {
    std::string user;
    std::vector<std::string> groups;
};

/// Asks the server itself (SelfSubjectReview, Kubernetes 1.28 and newer). NotFound if it is older.
Result<KubeIdentity> whoAmI(ApiClient& client, std::stop_token stop = {});

/// One right: a verb on a kind, or a part of it, in one namespace (empty: all, and for kinds that belong to none).
struct AccessQuestion {
    std::string verb; ///< `list`, `patch`...
    Resource resource;
    std::string part = {}; ///< `scale`, `log`, `status`
    std::string nameSpace = {};

    std::string text() const; ///< `patch deployments.apps/scale`
};

struct AccessAnswer {
    bool allowed = false;
    std::string reason; ///< the server's, often empty
};

/// Asks whether we may (SelfSubjectAccessReview): every authorizer of the server is asked, nothing is done.
Result<AccessAnswer> mayI(ApiClient& client, const AccessQuestion& question, std::stop_token stop = {});

} // namespace perch::kube
