#pragma once

#include "core/rollout/audit.h"

#include <nlohmann/json_fwd.hpp>

namespace perch::rollout {

/// One file of a chain as read: its whole lines in order, and whether a torn one follows.
struct AuditChain {
    std::string writer; ///< by the file's name
    std::vector<std::string> lines;
    bool torn = false;
};

/// All chains, by name; a folder that is not there has none.
Result<std::vector<AuditChain>> readAuditChains(const std::filesystem::path& folder);

/// One line as a record whose hash is that of its content; nothing about its place is checked.
Result<AuditRecord> parseAuditLine(const std::string& line);
/// SHA-256 over everything in the line but its hash, unknown fields too.
std::string contentHash(const nlohmann::json& line);

} // namespace perch::rollout
