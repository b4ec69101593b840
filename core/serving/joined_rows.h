#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace perch::serving {

/// Requests of one version, counted by what it answered and what turned out to be true.
struct JoinedCount {
    std::string version; ///< `v7`
    std::string truth, predicted;
    std::uint64_t count = 0;
};

/// Predictions made in [from, to) whose truth has arrived, from the database of a truth store, which may be running.
/// NotFound if there is no such file; Corrupt if it is none of a truth store.
Result<std::vector<JoinedCount>> readJoinedRows(const std::filesystem::path& database, const std::string& model,
                                                SystemTime from, SystemTime to);

/// The truth of every labelled request of a model, by request id. Errors as above.
Result<std::unordered_map<std::string, std::string>> readTruths(const std::filesystem::path& database,
                                                                const std::string& model);

} // namespace perch::serving
