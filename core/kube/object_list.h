#pragma once

#include "core/kube/api_client.h"
#include "core/kube/object_sink.h"
#include "core/kube/resource.h"

#include <string>

namespace perch::kube {

/// Which objects: one kind, in one namespace or all, perhaps only those with some labels or fields.
struct ObjectScope {
    Resource resource;
    std::string nameSpace = {}; ///< empty: all
    std::string labels = {};    ///< a selector: `app=churn,version in (1,2)`
    std::string fields = {};    ///< `metadata.name=churn`
};

/// The part of a request's query that its selectors make.
std::vector<std::pair<std::string, std::string>> selectorQuery(const ObjectScope& scope);

/// Reads all of them, page by page, into `sink` (`listing`, `put`..., `listed`); the resourceVersion from which a watch
/// goes on. When the server has forgotten the list before its last page (410) it is read again, in one piece. On an
/// error the sink got a part, and no `listed`.
Result<std::string> listObjects(ApiClient& client, const ObjectScope& scope, ObjectSink& sink,
                                std::stop_token stop = {}, std::size_t pageSize = 500);

} // namespace perch::kube
