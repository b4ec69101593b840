#include "core/data/build/model_inputs.h"

#include "core/base/file.h"
#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::data {

namespace {

constexpr std::size_t kLargestManifest = std::size_t{256} << 20;

Result<std::vector<BuiltColumn>> columnsOf(const nlohmann::json& manifest) {
    const auto list = manifest.is_object() ? manifest.find("columns") : manifest.end();
    if (!manifest.is_object() || list == manifest.end() || !list->is_array())
        return fail(ErrorCode::InvalidInput, "the list \"columns\" is missing.");
    std::vector<BuiltColumn> columns;
    for (const nlohmann::json& entry : *list)
        columns.push_back({.name = TRY(jsonString(entry, "name", "a column")),
                           .type = TRY(jsonString(entry, "type", "a column")),
                           .role = TRY(jsonString(entry, "role", "a column"))});
    return columns;
}

Result<std::vector<BuiltPart>> partsOf(const nlohmann::json& manifest) {
    const auto list = manifest.find("parts");
    if (list == manifest.end() || !list->is_array())
        return fail(ErrorCode::InvalidInput, "the list \"parts\" is missing.");
    std::vector<BuiltPart> parts;
    for (const nlohmann::json& entry : *list)
        parts.push_back({.path = TRY(jsonString(entry, "path", "a part"))});
    return parts;
}

} // namespace

std::vector<std::string> columnsWithoutInputs(std::span<const BuiltColumn> columns, std::span<const BuiltPart> parts,
                                              const std::set<std::string>& kept) {
    std::vector<std::string> names;
    for (const BuiltColumn& column : columns) {
        if ((column.role == "key" || column.role == "time") && !kept.contains(column.name))
            names.push_back(column.name);
    }
    const bool dated = std::ranges::any_of(parts, [](const BuiltPart& part) { return part.path.starts_with("date="); });
    const bool own = std::ranges::find(columns, "date", &BuiltColumn::name) != columns.end();
    if (dated && !own && !kept.contains("date"))
        names.emplace_back("date");
    return names;
}

Result<std::vector<std::string>> columnsWithoutInputs(const std::filesystem::path& dataset,
                                                      const std::set<std::string>& kept) {
    const std::filesystem::path file = dataset / "_manifest.json";
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code))
        return std::vector<std::string>();
    const std::string bytes = TRY(readFile(file, kLargestManifest));
    const Result<nlohmann::json> manifest = parseJson(bytes, "it");
    const auto columns = manifest ? columnsOf(*manifest) : Result<std::vector<BuiltColumn>>(manifest.error());
    const auto parts = columns ? partsOf(*manifest) : Result<std::vector<BuiltPart>>(columns.error());
    if (!parts)
        return fail(ErrorCode::Corrupt, "The manifest {} is not usable: {}", file.string(), parts.error().message);
    return columnsWithoutInputs(*columns, *parts, kept);
}

} // namespace perch::data
