#include "core/spec/quality_spec.h"

#include "core/spec/yaml_section.h"

#include <limits>

namespace perch::spec {

namespace {

constexpr std::string_view kQualityKeys[] = {"min_rows",  "max_missing", "max_duplicates", "min_class_share",
                                             "max_drift", "ranges",      "categories",     "required"};
constexpr double kLargest = std::numeric_limits<float>::max(); // models hold numbers as 32-bit floats
constexpr std::uint64_t kMostRows = 1'000'000'000'000;

Result<void> readRanges(const YamlSection& quality, std::map<std::string, std::pair<double, double>>& ranges) {
    if (!quality.has("ranges"))
        return {};
    const YamlSection section = TRY(quality.namedSection("ranges"));
    for (const std::string& column : section.keys()) {
        std::vector<double> ends;
        TRY(section.readNumbers(column, ends, -kLargest, kLargest));
        if (ends.size() != 2 || ends[0] > ends[1])
            return section.errorAt(column, "must be two numbers that do not descend, such as [0, 120].");
        ranges[column] = {ends[0], ends[1]};
    }
    return {};
}

Result<void> readCategories(const YamlSection& quality, std::map<std::string, std::vector<std::string>>& categories) {
    if (!quality.has("categories"))
        return {};
    const YamlSection section = TRY(quality.namedSection("categories"));
    for (const std::string& column : section.keys())
        TRY(section.readTexts(column, categories[column]));
    return {};
}

} // namespace

Result<void> readQuality(const YamlSection& top, QualitySpec& quality) {
    if (!top.has("quality"))
        return {};
    const YamlSection section = TRY(top.section("quality", kQualityKeys));
    TRY(section.readInteger("min_rows", quality.minimumRows, 1, kMostRows));
    TRY(section.readNumber("max_missing", quality.maximumMissing, 0, 1));
    if (section.has("max_duplicates"))
        TRY(section.readNumber("max_duplicates", quality.maximumDuplicates.emplace(), 0, 1));
    TRY(section.readNumber("min_class_share", quality.minimumClassShare, 0, 0.5));
    if (section.has("max_drift"))
        TRY(section.readNumber("max_drift", quality.maximumDrift.emplace(), 0, 100));
    TRY(readRanges(section, quality.ranges));
    TRY(readCategories(section, quality.categories));
    return section.readTexts("required", quality.required);
}

} // namespace perch::spec
