#pragma once

#include "core/base/result.h"
#include "core/http/message.h"

#include <string>

namespace perch::kube {

/// What an answer was about.
struct ApiSubject {
    std::string host;    ///< `10.0.0.1:6443`
    std::string context; ///< of the kubeconfig
    std::string signIn;  ///< see signInOf
    std::string path;    ///< `/apis/apps/v1/deployments`
};

/// The sentence and the code of an answer that is no success: Denied for 401 and 403 (who may not do what), NotFound
/// for a missing object or kind, Conflict for 409 and 410, InvalidInput for what the server finds wrong, Timeout for
/// 504 and Unavailable for 429 and the rest of 5xx. What the server wrote is cut and without control characters.
Error apiError(const http::Response& answer, const ApiSubject& subject);

} // namespace perch::kube
