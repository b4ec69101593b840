#pragma once

#include "core/kube/object_sink.h"

#include <functional>
#include <string>
#include <string_view>

namespace perch::kube {

/// Cuts the bytes of a watch into its lines.
class WatchLines {
public:
    explicit WatchLines(std::size_t longest) : m_longest(longest) {}
    /// Calls `take` for each line that is complete now. Its error, or InvalidInput for a line that is longer than
    /// allowed.
    Result<void> feed(std::string_view bytes, const std::function<Result<void>(std::string_view)>& take);

private:
    std::size_t m_longest;
    std::string m_begun;
};

/// Gives the event of one line (`{"type":"ADDED","object":{...}}`) to `sink`, nothing of a bookmark; the
/// resourceVersion that the watch has reached. Conflict when the server has forgotten the version (410): a new list is
/// needed; other errors that the server sends are Unavailable. InvalidInput for what is no event.
Result<std::string> takeWatchEvent(std::string_view line, ObjectSink& sink);

} // namespace perch::kube
