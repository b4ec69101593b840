#include "core/rollout/audit_chain.h"
#include "tests/fuzz/json_text.h"

/// One line of an audit chain: whole only if its content has its hash.
PERCH_FUZZER(audit_line) {
    using namespace perch;
    const Result<rollout::AuditRecord> record = rollout::parseAuditLine(std::string(bytes));
    fuzz::requireSentence(record);
    fuzz::require(!record || !record->hash.empty(), "a record that is taken has its hash");
    fuzz::requireRoundTrip(bytes, rollout::auditRecordFromJson,
                           [](const rollout::AuditRecord& read) { return toJson(read); });
    if (const auto json = parseJson(bytes, "input"); json && json->is_object())
        fuzz::require(rollout::contentHash(*json).size() == 64, "every content has a hash");
}
