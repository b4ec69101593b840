#pragma once

#include "core/platforms/local/haproxy_socket.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/split_target.h"

#include <optional>

namespace perch::local {

/// How far a new split got.
enum class RouteEffect {
    Effective, ///< HAProxy was told and read back
    Recorded,  ///< only in the map file: HAProxy does not run, and begins with it when it starts
};

/// The traffic split of every model: the map file is the wanted state, HAProxy's own map follows it. A write goes to
/// the file first, then to HAProxy, then is read back, under a lock of the workspace that every writer takes.
class TrafficRoute {
public:
    explicit TrafficRoute(const LocalFiles& files)
        : m_files(files),
          m_socket(files.haproxySocket()) {}

    /// The split as HAProxy serves it, or as the file says while HAProxy does not run.
    Result<std::optional<SplitTarget>> read(const ModelName& model) const;
    Result<SplitMap> wanted() const { return readSplitMap(m_files.splitMap()); }

    /// Compare-and-set against the map file: Conflict if the split is neither `before` nor `after` (slots do not count).
    Result<RouteEffect> write(
        const ModelName& model, const std::optional<SplitTarget>& before, const SplitTarget& after) const;

    /// Brings HAProxy's map to the file where they differ. Does nothing while a writer is at work.
    Result<void> repair() const;

private:
    LocalFiles m_files;
    HaproxySocket m_socket;
};

/// Whether two splits send the same shares to the same versions.
bool sameTraffic(const SplitTarget& left, const SplitTarget& right);

} // namespace perch::local
