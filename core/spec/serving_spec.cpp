#include "core/spec/serving_spec.h"

#include "core/spec/yaml_section.h"

#include <algorithm>
#include <cctype>

namespace perch::spec {

namespace {

constexpr std::string_view kServingKeys[] = {"replicas", "path", "route", "log", "lookup"};
constexpr std::string_view kRouteKeys[] = {"field", "models"};
constexpr std::string_view kLookupKeys[] = {"file", "max_age"};
constexpr std::string_view kLogKeys[] = {"features", "file_age", "file_mb", "total_mb"};

bool mayStandInPath(unsigned char letter) {
    return std::isalnum(letter) || letter == '/' || letter == '_' || letter == '-' || letter == '.';
}

Result<void> readRoute(const YamlSection& serving, std::optional<RouteSpec>& out) {
    if (!serving.has("route"))
        return {};
    const YamlSection section = TRY(serving.section("route", kRouteKeys));
    for (const std::string_view key : kRouteKeys) {
        if (!section.has(key))
            return section.errorHere(fmt::format("serving.route needs the key '{}'.", key));
    }
    RouteSpec& route = out.emplace();
    TRY(section.readText("field", route.field));
    const YamlSection models = TRY(section.namedSection("models"));
    for (const std::string& value : models.keys()) {
        std::string name;
        TRY(models.readText(value, name));
        Result<ModelName> model = ModelName::parse(name);
        if (!model)
            return models.errorAt(value,
                                  "must be the name of a model: lower-case letters, digits and '-', at most 63.");
        route.models.emplace(value, *std::move(model));
    }
    if (route.models.empty())
        return section.errorAt("models", "must lead at least one value to a model.");
    return {};
}

Result<void> readLog(const YamlSection& serving, std::optional<PredictionLogSpec>& out) {
    if (!serving.has("log"))
        return {};
    const YamlSection section = TRY(serving.section("log", kLogKeys));
    if (!section.has("features"))
        return section.errorHere("serving.log needs the key 'features': the fields that may be kept.");
    PredictionLogSpec& log = out.emplace();
    TRY(section.readTexts("features", log.features));
    TRY(section.readDuration("file_age", log.fileAge));
    TRY(section.readInteger("file_mb", log.fileMegabytes, std::uint32_t{1}, std::uint32_t{1'024}));
    TRY(section.readInteger("total_mb", log.totalMegabytes, std::uint32_t{1}, std::uint32_t{1'000'000}));
    if (log.totalMegabytes < log.fileMegabytes)
        return section.errorAt("total_mb", "must hold at least one file of file_mb.");
    return {};
}

Result<void> readLookup(const YamlSection& serving, std::optional<LookupSpec>& out) {
    if (!serving.has("lookup"))
        return {};
    const YamlSection section = TRY(serving.section("lookup", kLookupKeys));
    LookupSpec& lookup = out.emplace();
    TRY(section.readText("file", lookup.file));
    if (section.has("max_age"))
        TRY(section.readDuration("max_age", lookup.maxAge.emplace()));
    return {};
}

} // namespace

Result<void> readServing(const YamlSection& top, ServingSpec& serving) {
    if (!top.has("serving"))
        return {};
    const YamlSection section = TRY(top.section("serving", kServingKeys));
    TRY(section.readInteger("replicas", serving.replicas, 1, 1'000));
    TRY(section.readText("path", serving.path));
    if (section.has("path") && (serving.path.front() != '/' || !std::ranges::all_of(serving.path, mayStandInPath)))
        return section.errorAt("path", "must begin with '/' and hold only letters, digits, '/', '_', '-' and '.'.");
    TRY(readRoute(section, serving.route));
    TRY(readLog(section, serving.log));
    return readLookup(section, serving.lookup);
}

} // namespace perch::spec
