#pragma once

#include "core/kube/object_sink.h"

#include <string>
#include <string_view>

namespace perch::kube {

/// Where a page of a list leaves off.
struct PageEnd {
    std::string resourceVersion, next; ///< `next` is empty on the last page
};

/// What to ask an API server for, and what such an answer is called.
inline constexpr const char* kProtobufType = "application/vnd.kubernetes.protobuf";

/// Gives each Pod of a page that kube-apiserver wrote in Protocol Buffers to `sink`, as the JSON that it would have
/// written, but with these fields only: of the metadata name, namespace, uid, resourceVersion, labels, annotations,
/// owners and the times of creation and deletion; the node's name; of the status phase, reason, message, conditions and
/// containers. A page of 500 Pods takes a tenth of the time that its JSON takes, in the server and here. Times are cut
/// to seconds. InvalidInput where the bytes are no such page. Field numbers: k8s.io/api/core/v1/generated.proto.
Result<PageEnd> readPodPage(std::string_view bytes, ObjectSink& sink);

} // namespace perch::kube
