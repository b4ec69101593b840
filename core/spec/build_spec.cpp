#include "core/spec/build_spec.h"

#include "core/spec/event_filter.h"
#include "core/spec/yaml_section.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

namespace perch::spec {

namespace {

constexpr std::string_view kTypeWords[] = {"number", "money", "timestamp", "boolean", "category"};
constexpr std::string_view kBadCellWords[] = {"stop", "missing", "reject"};
constexpr std::string_view kAggregateWords[] = {"count",   "any",     "sum",      "mean",            "minimum",
                                                "maximum", "distinct", "days_since_first", "days_since_last"};
constexpr std::string_view kDeduplicateKeys[] = {"by", "ignore_case", "newest"};
constexpr std::string_view kFeaturesKeys[] = {"as_of", "columns"};
constexpr std::string_view kFeatureKeys[] = {"name", "from", "key", "entity", "time", "value", "aggregate", "window", "where"};

constexpr std::uint32_t kMostMonths = 1'200;
constexpr double kMostDays = 36'525;

Result<void> readTable(const YamlSection& top, BuildSpec& build) {
    TRY(top.readText("table", build.table));
    if (!top.has("sources"))
        return {};
    const std::vector<std::string> sources = TRY(top.namedSection("sources")).keys();
    if (build.table.empty() && sources.size() > 1)
        return top.errorAt("sources", "has several sources: the key 'table' must name the one whose rows are built.");
    if (!build.table.empty() && std::ranges::find(sources, build.table) == sources.end())
        return top.errorAt("table", fmt::format("must name one of the sources, not '{}'.", build.table));
    return {};
}

Result<void> readTypes(const YamlSection& top, BuildSpec& build) {
    if (!top.has("types"))
        return {};
    const YamlSection section = TRY(top.namedSection("types"));
    for (const std::string& column : section.keys()) {
        std::size_t word = 0;
        TRY(section.readWord(column, word, kTypeWords));
        build.types.emplace(column, static_cast<ColumnType>(word));
    }
    return {};
}

Result<void> readDeduplicate(const YamlSection& top, DeduplicateSpec& deduplicate) {
    if (!top.has("deduplicate"))
        return {};
    const YamlSection section = TRY(top.section("deduplicate", kDeduplicateKeys));
    TRY(section.readTexts("by", deduplicate.by));
    if (deduplicate.by.empty())
        return section.errorHere("the key 'by' is missing in deduplicate: the columns whose values name a row.");
    TRY(section.readBoolean("ignore_case", deduplicate.ignoreCase));
    return section.readText("newest", deduplicate.newest);
}

/// `3mo`, `1y`: calendar months; otherwise seconds with their unit.
Result<void> readWindow(const YamlSection& section, WindowSpec& window) {
    if (!section.has("window"))
        return {};
    std::string text;
    TRY(section.readText("window", text));
    double count = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const bool good = problem == std::errc{} && count > 0;
    if (good && (unit == "mo" || unit == "y")) {
        const double months = unit == "y" ? 12 * count : count;
        if (months != static_cast<std::uint32_t>(std::min(months, 1e9)) || months > kMostMonths)
            return section.errorAt("window", fmt::format("must be whole months, at most {}.", kMostMonths));
        window.months = static_cast<std::uint32_t>(months);
        return {};
    }
    const double seconds = unit == "s"   ? 1
                           : unit == "m" ? 60
                           : unit == "h" ? 3'600
                           : unit == "d" ? 86'400
                           : unit == "w" ? 7 * 86'400
                                         : 0;
    if (!good || seconds == 0 || count * seconds > kMostDays * 86'400)
        return section.errorAt("window", "must be a span with its unit, such as 3mo, 1y, 2w, 90d, 12h, 30m or 45s.");
    window.seconds = Seconds(count * seconds);
    return {};
}

bool needsValue(FeatureSpec::Aggregate aggregate) {
    using enum FeatureSpec::Aggregate;
    return aggregate == Sum || aggregate == Mean || aggregate == Minimum || aggregate == Maximum ||
           aggregate == Distinct;
}

Result<void> checkFeature(const YamlSection& section, const FeatureSpec& feature) {
    for (const std::string_view key : {"name", "from", "key", "time", "aggregate"}) {
        if (!section.has(key))
            return section.errorHere(fmt::format("the key '{}' is missing in this feature.", key));
    }
    const std::string_view word = kAggregateWords[static_cast<std::size_t>(feature.aggregate)];
    if (needsValue(feature.aggregate) && feature.value.empty())
        return section.errorAt("aggregate", fmt::format("'{}' needs the key 'value': the column it is taken of.", word));
    if (!needsValue(feature.aggregate) && !feature.value.empty())
        return section.errorAt("value", fmt::format("is not used by the aggregate '{}'.", word));
    if (feature.where.empty())
        return {};
    if (const Result<EventFilter> filter = EventFilter::parse(feature.where); !filter)
        return section.errorAt("where", filter.error().message);
    return {};
}

Result<FeatureSpec> readFeature(const YamlSection& section) {
    FeatureSpec feature;
    TRY(section.readText("name", feature.name));
    TRY(section.readText("from", feature.from));
    TRY(section.readText("key", feature.key));
    feature.entity = feature.key;
    TRY(section.readText("entity", feature.entity));
    TRY(section.readText("time", feature.time));
    TRY(section.readText("value", feature.value));
    std::size_t aggregate = 0;
    TRY(section.readWord("aggregate", aggregate, kAggregateWords));
    feature.aggregate = static_cast<FeatureSpec::Aggregate>(aggregate);
    TRY(readWindow(section, feature.window));
    TRY(section.readText("where", feature.where));
    TRY(checkFeature(section, feature));
    return feature;
}

Result<void> readFeatures(const YamlSection& top, BuildSpec& build) {
    if (!top.has("features"))
        return {};
    const YamlSection section = TRY(top.section("features", kFeaturesKeys));
    TRY(section.readText("as_of", build.asOf));
    if (build.asOf.empty())
        return section.errorHere("the key 'as_of' is missing in features: a timestamp column of the table, or a date.");
    std::vector<std::string> sources;
    if (top.has("sources"))
        sources = TRY(top.namedSection("sources")).keys();
    std::set<std::string> names;
    for (const YamlSection& column : TRY(section.sections("columns", kFeatureKeys))) {
        FeatureSpec feature = TRY(readFeature(column));
        if (std::ranges::find(sources, feature.from) == sources.end())
            return column.errorAt("from", fmt::format("must name one of the sources, not '{}'.", feature.from));
        if (!names.insert(feature.name).second)
            return column.errorAt("name", fmt::format("'{}' is given to two features.", feature.name));
        build.features.push_back(std::move(feature));
    }
    if (build.features.empty())
        return section.errorHere("features has no columns.");
    return {};
}

} // namespace

Result<void> readBuild(const YamlSection& top, BuildSpec& build) {
    TRY(readTable(top, build));
    TRY(readTypes(top, build));
    std::size_t badCells = 0;
    TRY(top.readWord("bad_cells", badCells, kBadCellWords));
    build.badCells = static_cast<BadCells>(badCells);
    TRY(readDeduplicate(top, build.deduplicate));
    return readFeatures(top, build);
}

} // namespace perch::spec
