#pragma once

#include "core/base/ids.h"
#include "core/base/units.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace perch::local {

/// Where the traffic of one model goes: the value of its one entry in HAProxy's map, so that one `set map` changes
/// everything at once. Text form: `<stable slot>:<canary slot>:<canary basis points>:<stable>:<canary>`, for example
/// `0:1:1000:v1:v2`; without a canary `0:0:0:v1:-`.
struct SplitTarget {
    int stableSlot = 0;
    int canarySlot = 0;
    Percent canaryWeight;
    Version stable;
    std::optional<Version> canary;

    std::string text() const;
    static Result<SplitTarget> parse(std::string_view text);
    bool operator==(const SplitTarget&) const = default;
};

/// The split of every model, as in the map file: one line `churn 0:1:1000:v1:v2` each. A file that is not there is an
/// empty map.
using SplitMap = std::map<ModelName, SplitTarget>;
Result<SplitMap> readSplitMap(const std::filesystem::path& file);
Result<void> writeSplitMap(const std::filesystem::path& file, const SplitMap& splits);

} // namespace perch::local
