#pragma once

#include "core/kube/object_list.h"

#include <chrono>
#include <cstddef>

namespace perch::kube {

struct WatchOptions {
    std::chrono::seconds length{290};          ///< then the server ends a watch, and it is begun anew
    std::chrono::milliseconds firstPause{250}; ///< after a failure; it doubles
    std::chrono::milliseconds longestPause{30'000};
    std::size_t pageSize = 500;
    std::size_t longestEvent = std::size_t{16} << 20;
};

/// Lists, then watches from there, and keeps `sink` true until `stop`: a watch that ends is begun anew where it was
/// (bookmarks count), one whose version the server has forgotten (410) begins with a new list, and anything that fails
/// is told to the sink and tried again after a pause. One thread; returns when stopped.
void watchObjects(ApiClient& client, const ObjectScope& scope, ObjectSink& sink, const WatchOptions& options,
                  std::stop_token stop);

} // namespace perch::kube
