#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/rollout/audit.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {

namespace {

constexpr const char* kAuditRecord = "The audit record";

nlohmann::json auditedStepJson(const AuditedStep& step) {
    return {{"title", step.title},   {"object", step.object}, {"field", step.field},
            {"before", step.before}, {"after", step.after},   {"outcome", step.outcome}};
}

Result<AuditedStep> auditedStepFromJson(const nlohmann::json& json) {
    AuditedStep step;
    for (auto [field, place] : {std::pair{"title", &step.title},
                                {"object", &step.object},
                                {"field", &step.field},
                                {"before", &step.before},
                                {"after", &step.after},
                                {"outcome", &step.outcome}})
        *place = TRY(jsonString(json, field, kAuditRecord));
    return step;
}

} // namespace

nlohmann::json toJson(const AuditRecord& record) {
    nlohmann::json steps = nlohmann::json::array();
    for (const AuditedStep& step : record.steps)
        steps.push_back(auditedStepJson(step));
    return {{"writer", record.writer},      {"sequence", record.sequence},    {"time_ms", toMillis(record.at)},
            {"time", toIso8601(record.at)}, {"actor", record.actor.identity}, {"program", record.actor.program},
            {"action", record.action},      {"model", record.model},          {"summary", record.summary},
            {"reason", record.reason},      {"plan", record.planId},          {"plan_digest", record.planDigest},
            {"steps", std::move(steps)},    {"evidence", record.evidence},    {"evidence_hash", record.evidenceHash},
            {"result", record.result},      {"error", record.error},          {"previous", record.previous},
            {"hash", record.hash}};
}

Result<AuditRecord> auditRecordFromJson(const nlohmann::json& json) {
    AuditRecord record;
    for (auto [field, place] : {std::pair{"writer", &record.writer},
                                {"actor", &record.actor.identity},
                                {"program", &record.actor.program},
                                {"action", &record.action},
                                {"model", &record.model},
                                {"summary", &record.summary},
                                {"reason", &record.reason},
                                {"plan", &record.planId},
                                {"plan_digest", &record.planDigest},
                                {"evidence", &record.evidence},
                                {"evidence_hash", &record.evidenceHash},
                                {"result", &record.result},
                                {"error", &record.error},
                                {"previous", &record.previous},
                                {"hash", &record.hash}})
        *place = TRY(jsonString(json, field, kAuditRecord));
    record.sequence = static_cast<std::uint64_t>(TRY(jsonInteger(json, "sequence", kAuditRecord)));
    record.at = fromMillis(TRY(jsonInteger(json, "time_ms", kAuditRecord)));
    if (!json.contains("steps") || !json["steps"].is_array())
        return fail(ErrorCode::InvalidInput, "{}: the field \"steps\" is missing.", kAuditRecord);
    for (const nlohmann::json& step : json["steps"])
        record.steps.push_back(TRY(auditedStepFromJson(step)));
    return record;
}

std::string hashOf(const AuditRecord& record) {
    nlohmann::json json = toJson(record);
    json.erase("hash");
    return sha256(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)).hex();
}

std::string_view toString(AuditProblem::Kind kind) {
    switch (kind) {
    case AuditProblem::Kind::MissingTail:
        return "missing_tail";
    case AuditProblem::Kind::Gap:
        return "gap";
    case AuditProblem::Kind::Fork:
        return "fork";
    case AuditProblem::Kind::Edit:
        return "edit";
    case AuditProblem::Kind::Unreadable:
        break;
    }
    return "unreadable";
}

} // namespace perch::rollout
