#pragma once

#include "core/fleet/snapshot.h"

#include <functional>
#include <stop_token>

namespace perch::fleet {

/// The port through which a platform is read. One call reads everything once; the caller decides how often.
/// Called from one thread at a time.
class FactsSource {
public:
    virtual ~FactsSource() = default;
    /// Never fails as a whole: a source that does not answer is marked as such in the snapshot, and the last good
    /// values stay with their age.
    virtual SnapshotPtr read(std::stop_token stop) = 0;
    /// Only what the platform itself knows (route, replicas, rollout record, aliases), without metrics: what recovery
    /// and the re-reading of a plan need. At most as slow as `read`.
    virtual SnapshotPtr readObjects(std::stop_token stop) { return read(std::move(stop)); }
    /// `changed` is called when a read would tell something new: on any thread, perhaps a thousand times a second, and
    /// not once the source is gone. A source that cannot know never calls it.
    virtual void onChange(std::function<void()> changed) { (void)changed; }
};

} // namespace perch::fleet
