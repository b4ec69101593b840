#include "core/data/build/build_report.h"

#include "core/base/digest.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::data {

namespace {

using nlohmann::json;

json toJson(const SourceReport& source) {
    const SourceCounts& counts = source.counts;
    return {{"name", source.name},
            {"place", source.place},
            {"content", source.content.hex()},
            {"rows", counts.rows},
            {"bytes", counts.bytes},
            {"malformed_rows", counts.malformedRows},
            {"malformed_pages", counts.malformedPages},
            {"duplicates", counts.duplicates},
            {"repetitions", counts.repetitions},
            {"malformed", counts.places}};
}

json toJson(const BadColumn& column) {
    json places = json::array();
    for (const BadColumn::Place& place : column.first)
        places.push_back({{"place", place.place}, {"text", place.text}});
    return {{"source", column.source},
            {"column", column.column},
            {"expected", column.expected},
            {"count", column.count},
            {"first", places}};
}

json toJson(const EventCounts& events) {
    return {{"source", events.source},
            {"key", events.key},
            {"time", events.time},
            {"used", events.events},
            {"without_key", events.withoutKey},
            {"without_time", events.withoutTime},
            {"of_no_entity", events.strangers},
            {"outside_every_window", events.outside},
            {"rejected", events.rejected}};
}

template <typename T>
json listOf(const std::vector<T>& values) {
    json list = json::array();
    for (const T& value : values)
        list.push_back(toJson(value));
    return list;
}

} // namespace

Digest BuildReport::digest() const {
    std::string text;
    for (const BuiltColumn& column : columns)
        text += fmt::format("{}:{}\n", column.name, column.type);
    for (const BuiltPart& part : parts)
        text += fmt::format("{} {} {}\n", part.path, part.rows, part.content.hex());
    return sha256(text);
}

json BuildReport::toJson() const {
    json columnList = json::array(), partList = json::array();
    for (const BuiltColumn& column : columns)
        columnList.push_back({{"name", column.name}, {"type", column.type}, {"role", column.role}});
    for (const BuiltPart& part : parts)
        partList.push_back(
            {{"path", part.path}, {"rows", part.rows}, {"bytes", part.bytes}, {"content", part.content.hex()}});
    return {{"schema", 1},
            {"model", model},
            {"digest", digest().hex()},
            {"spec", spec.hex()},
            {"built_at", toIso8601(builtAt)},
            {"as_of", asOf.empty() ? json() : json(asOf)},
            {"place", place},
            {"rows",
             {{"read", rowsRead},
              {"rejected", rowsRejected},
              {"duplicate", rowsDuplicate},
              {"without_date", rowsWithoutDate},
              {"written", rowsWritten}}},
            {"columns", columnList},
            {"sources", listOf(sources)},
            {"events", listOf(events)},
            {"bad_cells", listOf(badColumns)},
            {"parts", partList},
            {"seconds", took.count()}};
}

Digest buildDigest(const spec::ModelSpec& spec) {
    const spec::BuildSpec& build = spec.build;
    json features = json::array(), types = json::object();
    for (const auto& [column, type] : build.types)
        types[column] = static_cast<int>(type);
    for (const spec::FeatureSpec& feature : build.features)
        features.push_back({feature.name, feature.from, feature.key, feature.entity, feature.time, feature.value,
                            static_cast<int>(feature.aggregate), feature.window.months,
                            feature.window.seconds.count(), feature.where});
    const json document = {{"table", build.table},
                           {"types", types},
                           {"bad_cells", static_cast<int>(build.badCells)},
                           {"by", build.deduplicate.by},
                           {"ignore_case", build.deduplicate.ignoreCase},
                           {"newest", build.deduplicate.newest},
                           {"as_of", build.asOf},
                           {"features", features},
                           {"label", spec.label}};
    return sha256(document.dump());
}

} // namespace perch::data
