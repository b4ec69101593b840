#include "core/rollout/record_json.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace perch::rollout {

namespace {

using fleet::HoldReason;
using fleet::RolloutRecord;
using Goal = RolloutRecord::Goal;

constexpr const char* kTheRecord = "The rollout record";
constexpr std::array kGoals{Goal::None, Goal::Step, Goal::Promote, Goal::Abort, Goal::RollBack, Goal::Shadow};
constexpr std::array kHolds{HoldReason::None,   HoldReason::Person,     HoldReason::Undecided,
                            HoldReason::NoData, HoldReason::SourceDown, HoldReason::Freeze};

Result<std::string> textOf(const nlohmann::json& json, const char* field) {
    return json.contains(field) ? jsonString(json, field, kTheRecord) : Result<std::string>(std::string());
}

Result<std::int64_t> integerOf(const nlohmann::json& json, const char* field) {
    return json.contains(field) ? jsonInteger(json, field, kTheRecord) : Result<std::int64_t>(0);
}

Result<std::optional<Version>> versionOf(const nlohmann::json& json, const char* field) {
    if (!json.contains(field) || json[field].is_null())
        return std::optional<Version>();
    return std::optional<Version>(TRY(Version::parse(TRY(jsonString(json, field, kTheRecord)))));
}

Result<std::vector<Percent>> weightsOf(const nlohmann::json& json) {
    std::vector<Percent> weights;
    if (!json.contains("weights"))
        return weights;
    for (const nlohmann::json& weight : json["weights"]) {
        if (!weight.is_number())
            return fail(ErrorCode::InvalidInput, "{}: the field \"weights\" holds something that is no number.",
                        kTheRecord);
        weights.push_back(TRY(Percent::fromPercent(weight.get<double>())));
    }
    return weights;
}

template <typename Enum, std::size_t Count>
Result<Enum> wordOf(const nlohmann::json& json, const char* field, const std::array<Enum, Count>& values) {
    const std::string word = TRY(textOf(json, field));
    for (const Enum value : values) {
        if (word.empty() || toString(value) == word)
            return value;
    }
    return fail(ErrorCode::InvalidInput, "{}: \"{}\" is not a value of the field \"{}\".", kTheRecord, shownText(word),
                field);
}

} // namespace

std::string_view toString(Goal goal) {
    switch (goal) {
    case Goal::None:
        return "none";
    case Goal::Step:
        return "step";
    case Goal::Promote:
        return "promote";
    case Goal::Abort:
        return "abort";
    case Goal::RollBack:
        return "roll_back";
    case Goal::Shadow:
        return "shadow";
    }
    return "none";
}

std::string_view toString(HoldReason reason) {
    switch (reason) {
    case HoldReason::None:
        return "none";
    case HoldReason::Person:
        return "person";
    case HoldReason::Undecided:
        return "undecided";
    case HoldReason::NoData:
        return "no_data";
    case HoldReason::SourceDown:
        return "source_down";
    case HoldReason::Freeze:
        return "freeze";
    }
    return "none";
}

nlohmann::json versionJson(const std::optional<Version>& version) {
    return version ? nlohmann::json(version->text()) : nlohmann::json();
}

nlohmann::json toJson(const RolloutRecord& record) {
    nlohmann::json weights = nlohmann::json::array();
    for (const Percent weight : record.weights)
        weights.push_back(weight.percent());
    nlohmann::json json = {{"revision", record.revision},
                           {"id", record.id},
                           {"from", versionJson(record.from)},
                           {"to", versionJson(record.to)},
                           {"step", record.step},
                           {"weights", std::move(weights)},
                           {"step_since", toMillis(record.stepSince)},
                           {"goal", toString(record.goal)},
                           {"finished", record.finished},
                           {"failure", record.failure},
                           {"hold", toString(record.hold)},
                           {"hold_by", record.holdBy},
                           {"hold_until", toMillis(record.holdUntil)},
                           {"executor", record.executor},
                           {"fence", record.fence},
                           {"audit_head", record.auditHead},
                           {"previous_stable", versionJson(record.previousStable)}};
    // Absent it is `step_since`: so is it in the first step, and in the records of older programs, whose text must come
    // out as it went in (the platform compares it before it writes). For the same reason a share of zero is absent.
    if (record.startedAt != record.stepSince)
        json["started_at"] = toMillis(record.startedAt);
    if (record.mirrorShare > Percent())
        json["mirror_share"] = record.mirrorShare.percent();
    if (record.replicas > 0)
        json["replicas"] = record.replicas;
    if (!record.auditWriter.empty())
        json["audit_writer"] = record.auditWriter;
    return json;
}

Result<RolloutRecord> rolloutRecordFromJson(const nlohmann::json& json) {
    if (!json.is_object())
        return fail(ErrorCode::InvalidInput, "{} is not a JSON object.", kTheRecord);
    RolloutRecord record;
    record.revision = static_cast<std::uint64_t>(TRY(integerOf(json, "revision")));
    record.id = TRY(textOf(json, "id"));
    record.from = TRY(versionOf(json, "from"));
    record.to = TRY(versionOf(json, "to"));
    record.step = static_cast<std::uint32_t>(TRY(integerOf(json, "step")));
    record.weights = TRY(weightsOf(json));
    record.stepSince = fromMillis(TRY(integerOf(json, "step_since")));
    record.startedAt = json.contains("started_at") ? fromMillis(TRY(integerOf(json, "started_at"))) : record.stepSince;
    record.goal = TRY(wordOf(json, "goal", kGoals));
    if (json.contains("mirror_share"))
        record.mirrorShare = TRY(Percent::fromPercent(TRY(jsonNumber(json, "mirror_share", kTheRecord))));
    record.replicas =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(TRY(integerOf(json, "replicas")), 0, 1'000'000));
    record.finished = json.contains("finished") ? TRY(jsonBoolean(json, "finished", kTheRecord)) : true;
    record.failure = TRY(textOf(json, "failure"));
    record.hold = TRY(wordOf(json, "hold", kHolds));
    record.holdBy = TRY(textOf(json, "hold_by"));
    record.holdUntil = fromMillis(TRY(integerOf(json, "hold_until")));
    record.executor = TRY(textOf(json, "executor"));
    record.fence = static_cast<std::uint64_t>(TRY(integerOf(json, "fence")));
    record.auditHead = TRY(textOf(json, "audit_head"));
    record.auditWriter = TRY(textOf(json, "audit_writer"));
    record.previousStable = TRY(versionOf(json, "previous_stable"));
    return record;
}

std::string recordText(const RolloutRecord& record) {
    return record.revision == 0 ? std::string() : toJson(record).dump();
}

Result<RolloutRecord> parseRecord(std::string_view text) {
    if (text.empty())
        return RolloutRecord{};
    return rolloutRecordFromJson(TRY(parseJson(text, kTheRecord)));
}

bool sameRollout(const RolloutRecord& one, const RolloutRecord& other) {
    const auto comparable = [](RolloutRecord record) {
        record.revision = 0;
        record.fence = 0;
        record.auditHead.clear();
        record.auditWriter.clear();
        return toJson(record);
    };
    return comparable(one) == comparable(other);
}

Percent wantedWeight(const RolloutRecord& record) {
    return record.step < record.weights.size() ? record.weights[record.step] : Percent();
}

} // namespace perch::rollout
