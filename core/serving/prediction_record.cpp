#include "core/serving/prediction_record.h"

#include "core/base/json.h"
#include "core/serving/prediction.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace perch::serving {

namespace {

using nlohmann::json;

std::string dump(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<PredictionRecord> recordFromJson(const json& entry, const std::string& what) {
    PredictionRecord record;
    record.model = TRY(jsonString(entry, "model", what));
    record.version = TRY(jsonString(entry, "model_version", what));
    record.role = TRY(jsonString(entry, "role", what));
    record.requestId = TRY(jsonString(entry, "request_id", what));
    record.time = fromMillis(TRY(jsonInteger(entry, "time", what)));
    const double score = TRY(jsonNumber(entry, "score", what));
    if (!(std::abs(score) <= std::numeric_limits<float>::max()))
        return fail(ErrorCode::InvalidInput, "{}: the field \"score\" is not a 32-bit float.", what);
    record.score = static_cast<float>(score);
    record.predicted = TRY(jsonString(entry, "class", what));
    TRY(ModelName::parse(record.model));
    TRY(Version::parse(record.version));
    TRY(checkRequestId(record.requestId));
    return record;
}

Result<Feedback> feedbackEntry(const json& entry, const std::string& what) {
    Feedback feedback;
    feedback.model = TRY(jsonString(entry, "model", what));
    feedback.requestId = TRY(jsonString(entry, "request_id", what));
    TRY(ModelName::parse(feedback.model));
    TRY(checkRequestId(feedback.requestId));
    const auto truth = entry.find("truth");
    const bool scalar = truth != entry.end() && (truth->is_string() || truth->is_boolean() || truth->is_number());
    if (!scalar) {
        Error error = fail(ErrorCode::InvalidInput, "{}: the field \"truth\" must be the class as a text, a number or a "
                                                    "boolean.", what);
        error.where = "truth";
        return error;
    }
    feedback.truth = truth->is_string() ? truth->get<std::string>() : truth->dump();
    return feedback;
}

} // namespace

std::string toJson(const std::vector<PredictionRecord>& records) {
    json entries = json::array();
    for (const PredictionRecord& record : records)
        entries.push_back({{"model", record.model}, {"model_version", record.version}, {"role", record.role},
            {"request_id", record.requestId}, {"time", toMillis(record.time)}, {"score", record.score},
            {"class", record.predicted}});
    return dump({{"records", std::move(entries)}});
}

std::string toJson(const VersionAnnouncement& announcement) {
    json document = {{"model", announcement.model}, {"model_version", announcement.version},
        {"classes", announcement.classes}};
    if (announcement.tolerance > 0)
        document["tolerance"] = announcement.tolerance;
    return dump(document);
}

Result<std::vector<PredictionRecord>> recordsFromJson(std::string_view body) {
    const json document = TRY(parseBody(body));
    if (!document.is_object() || !document.contains("records") || !document["records"].is_array())
        return fail(ErrorCode::InvalidInput, "The body must be an object with a list \"records\".");
    std::vector<PredictionRecord> records;
    for (const json& entry : document["records"])
        records.push_back(TRY(recordFromJson(entry, fmt::format("records[{}]", records.size()))));
    return records;
}

Result<VersionAnnouncement> announcementFromJson(std::string_view body) {
    const json document = TRY(parseBody(body));
    VersionAnnouncement announcement;
    announcement.model = TRY(jsonString(document, "model", "The announcement"));
    announcement.version = TRY(jsonString(document, "model_version", "The announcement"));
    TRY(ModelName::parse(announcement.model));
    TRY(Version::parse(announcement.version));
    const auto classes = document.find("classes");
    if (classes == document.end() || !classes->is_array())
        return fail(ErrorCode::InvalidInput, "The announcement has no list \"classes\".");
    if (document.contains("tolerance"))
        announcement.tolerance = TRY(jsonNumber(document, "tolerance", "The announcement"));
    if (!(announcement.tolerance >= 0) || (announcement.tolerance > 0 && !classes->empty()))
        return fail(ErrorCode::InvalidInput, "The announcement has a tolerance that is not that of a regression.");
    for (const json& name : *classes) {
        if (!name.is_string())
            return fail(ErrorCode::InvalidInput, "A class of the announcement is not a text.");
        announcement.classes.push_back(name.get<std::string>());
    }
    return announcement;
}

Result<std::vector<Feedback>> feedbackFromJson(std::string_view body) {
    const json document = TRY(parseBody(body));
    std::vector<Feedback> list;
    if (!document.is_array()) {
        list.push_back(TRY(feedbackEntry(document, "The feedback")));
        return list;
    }
    for (const json& entry : document)
        list.push_back(TRY(feedbackEntry(entry, fmt::format("feedback[{}]", list.size()))));
    return list;
}

} // namespace perch::serving
