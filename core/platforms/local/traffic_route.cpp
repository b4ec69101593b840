#include "core/platforms/local/traffic_route.h"

#include "core/base/file.h"

#include <thread>

namespace perch::local {

namespace {

/// Writers hold the lock for a few milliseconds; one that waits longer than this is told so.
Result<FileLock> acquireSoon(const std::filesystem::path& file) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    for (;;) {
        Result<FileLock> lock = FileLock::acquire(file);
        if (lock || lock.error().code != ErrorCode::Conflict || std::chrono::steady_clock::now() > end)
            return lock;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

} // namespace

bool sameTraffic(const SplitTarget& left, const SplitTarget& right) {
    return left.stable == right.stable && left.canary == right.canary && left.canaryWeight == right.canaryWeight;
}

Result<std::optional<SplitTarget>> TrafficRoute::read(const ModelName& model) const {
    const auto pick = [&](const SplitMap& splits) {
        const auto found = splits.find(model);
        return found == splits.end() ? std::nullopt : std::optional(found->second);
    };
    const Result<SplitMap> served = m_socket.splits();
    if (served && served->contains(model))
        return pick(*served);
    return pick(TRY(wanted()));
}

Result<RouteEffect> TrafficRoute::write(
    const ModelName& model, const std::optional<SplitTarget>& before, const SplitTarget& after) const {
    const FileLock lock = TRY(acquireSoon(m_files.routeLock()));
    SplitMap splits = TRY(wanted());
    const auto found = splits.find(model);
    const bool asBefore = found == splits.end() ? !before : before && sameTraffic(found->second, *before);
    const bool asAfter = found != splits.end() && sameTraffic(found->second, after);
    if (!asBefore && !asAfter) {
        return fail(ErrorCode::Conflict, "The traffic split of {} was changed by somebody else meanwhile: it is {}.",
            model.text(), found == splits.end() ? "none" : found->second.text());
    }
    splits[model] = after;
    TRY(writeSplitMap(m_files.splitMap(), splits));
    const Result<void> told = m_socket.setSplit(model, after);
    if (told)
        return RouteEffect::Effective;
    if (told.error().code == ErrorCode::Unavailable)
        return RouteEffect::Recorded;
    return told.error();
}

Result<void> TrafficRoute::repair() const {
    const Result<FileLock> lock = FileLock::acquire(m_files.routeLock());
    if (!lock)
        return {};
    const SplitMap served = TRY(m_socket.splits());
    for (const auto& [model, target] : TRY(wanted())) {
        const auto found = served.find(model);
        if (found == served.end() || found->second != target)
            TRY(m_socket.setSplit(model, target));
    }
    return {};
}

} // namespace perch::local
