#include "core/fleet/snapshot.h"

#include <algorithm>

namespace perch::fleet {

namespace {

template <typename Items, typename Predicate>
auto* firstOf(const Items& items, Predicate predicate) {
    const auto found = std::ranges::find_if(items, predicate);
    return found == items.end() ? nullptr : &*found;
}

} // namespace

std::string_view toString(Role role) {
    switch (role) {
    case Role::Stable:
        return "stable";
    case Role::Canary:
        return "canary";
    case Role::Shadow:
        return "shadow";
    case Role::Preview:
        return "preview";
    case Role::Retired:
        return "retired";
    }
    return "retired";
}

std::string_view toString(Phase phase) {
    switch (phase) {
    case Phase::Idle:
        return "idle";
    case Phase::Preparing:
        return "preparing";
    case Phase::Shadowing:
        return "shadowing";
    case Phase::Stepping:
        return "stepping";
    case Phase::Held:
        return "held";
    case Phase::Promoting:
        return "promoting";
    case Phase::Done:
        return "done";
    case Phase::Aborting:
        return "aborting";
    case Phase::Aborted:
        return "aborted";
    case Phase::RollingBack:
        return "rolling_back";
    case Phase::RolledBack:
        return "rolled_back";
    case Phase::Failed:
        return "failed";
    case Phase::Diverged:
        return "diverged";
    }
    return "diverged";
}

const Route::Address* Route::addressOf(Version version) const {
    return firstOf(addresses, [&](const Address& address) { return address.version == version; });
}

const VersionFacts* ModelFacts::find(Version version) const {
    return firstOf(versions, [&](const VersionFacts& facts) { return facts.version == version; });
}

const VersionFacts* ModelFacts::withRole(Role role) const {
    return firstOf(versions, [&](const VersionFacts& facts) { return facts.role == role; });
}

const ModelFacts* Snapshot::find(const ModelName& model) const {
    return firstOf(models, [&](const ModelFacts& facts) { return facts.model == model; });
}

} // namespace perch::fleet
