#include "app/console/recorded_facts.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/fleet/snapshot_json.h"
#include "core/model/evaluation_json.h"

#include <nlohmann/json.hpp>

namespace perch::console {

namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& snapshot, const char* suffix) {
    return snapshot.parent_path() / (snapshot.stem().string() + suffix);
}

Result<nlohmann::json> readJson(const fs::path& file) {
    const std::string text = TRY(readFile(file));
    return parseJson(text, file.string());
}

Result<present::AuditFacts> readAudit(const fs::path& file) {
    const nlohmann::json document = TRY(readJson(file));
    const auto records = document.find("records");
    if (records == document.end() || !records->is_array())
        return fail(ErrorCode::InvalidInput, "{} has no list \"records\".", file.string());
    present::AuditFacts facts;
    for (const nlohmann::json& record : *records)
        facts.records.push_back(TRY(rollout::auditRecordFromJson(record)));
    facts.verdict = present::AuditFacts::Verdict::Verified;
    return facts;
}

} // namespace

Result<widgets::Facts> readRecordedFacts(const fs::path& snapshot) {
    widgets::Facts facts;
    const nlohmann::json document = TRY(readJson(snapshot));
    facts.snapshot = TRY(fleet::snapshotFromJson(document));
    facts.shell = {"~/.local/share/perch", "oncall-eu@ops", false, ""};
    const fs::path audit = beside(snapshot, "_audit.json");
    if (fs::exists(audit)) {
        present::AuditFacts read = TRY(readAudit(audit));
        facts.audit = std::make_shared<const present::AuditFacts>(std::move(read));
    }
    const fs::path evaluation = beside(snapshot, "_evaluation.json");
    if (fs::exists(evaluation)) {
        const nlohmann::json evaluated = TRY(readJson(evaluation));
        model::Evaluation value = TRY(model::evaluationFromJson(evaluated, evaluation.string()));
        const ModelName name = value.model;
        facts.evaluations[name] = std::make_shared<const model::Evaluation>(std::move(value));
    }
    return facts;
}

} // namespace perch::console
