#include "core/rollout/audit_chain.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {

namespace {

AuditChain splitLines(std::string writer, const std::string& bytes) {
    AuditChain chain{std::move(writer), {}, false};
    std::size_t start = 0;
    for (std::size_t end = 0; (end = bytes.find('\n', start)) != std::string::npos; start = end + 1)
        chain.lines.push_back(bytes.substr(start, end - start));
    chain.torn = start < bytes.size();
    return chain;
}

} // namespace

Result<std::vector<AuditChain>> readAuditChains(const std::filesystem::path& folder) {
    std::vector<AuditChain> chains;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end; entry.increment(code)) {
        const std::filesystem::path& file = entry->path();
        if (file.extension() == ".jsonl")
            chains.push_back(splitLines(file.stem().string(), TRY(readFile(file))));
    }
    std::ranges::sort(chains, {}, &AuditChain::writer);
    return chains;
}

std::string contentHash(const nlohmann::json& line) {
    nlohmann::json content = line;
    content.erase("hash");
    return sha256(content.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).hex();
}

Result<AuditRecord> parseAuditLine(const std::string& line) {
    const nlohmann::json json = TRY(parseJson(line, "An audit record"));
    if (!json.is_object())
        return fail(ErrorCode::InvalidInput, "An audit record is not a JSON object.");
    AuditRecord record = TRY(auditRecordFromJson(json));
    if (record.hash != contentHash(json))
        return fail(ErrorCode::Corrupt, "Its content does not have its hash.");
    if (record.evidenceHash != sha256(record.evidence).hex())
        return fail(ErrorCode::Corrupt, "Its evidence does not have its hash.");
    return record;
}

} // namespace perch::rollout
