#include "core/data/row/reference_profile.h"

#include "core/base/json.h"
#include "core/base/parse_number.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace perch::data {

namespace {

constexpr std::string_view kWhat = "reference profile";

/// The labels of the bins that are no training categories; see categoryBinLabel.
bool isReserved(std::string_view label) {
    return label == kOtherBin || label == kMissingBin || label == kUnseenBin;
}

std::size_t positionOf(const std::vector<std::string>& labels, std::string_view label) {
    return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

template <typename T>
Result<std::vector<T>> listOf(const nlohmann::json& document, const char* field) {
    try {
        return document.at(field).get<std::vector<T>>();
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::InvalidInput, "{}: the list \"{}\" is missing or has a wrong type.", kWhat, field);
    }
}

std::size_t expectedBins(const FeatureBins& bins) {
    switch (bins.type) {
    case FieldType::Number:
        return bins.edges.size() + 2;
    case FieldType::Boolean:
        return 3;
    case FieldType::Category:
        break;
    }
    return bins.labels.size();
}

Result<FieldType> typeOf(const std::string& text) {
    for (const FieldType type : {FieldType::Number, FieldType::Boolean, FieldType::Category}) {
        if (toString(type) == text)
            return type;
    }
    return fail(ErrorCode::InvalidInput, "{}: the type \"{}\" is unknown.", kWhat, shownText(text));
}

Result<FeatureBins> binsFromJson(const nlohmann::json& document) {
    FeatureBins bins;
    bins.feature = TRY(jsonString(document, "feature", kWhat));
    const std::string type = TRY(jsonString(document, "type", kWhat));
    bins.type = TRY(typeOf(type));
    bins.edges = TRY(listOf<double>(document, "edges"));
    bins.labels = TRY(listOf<std::string>(document, "bins"));
    bins.counts = TRY(listOf<std::uint64_t>(document, "counts"));
    bins.importance = TRY(jsonNumber(document, "importance", kWhat));
    const bool complete = bins.labels.size() == expectedBins(bins) && bins.counts.size() == bins.labels.size() &&
                          bins.binOfMissing() < bins.labels.size() &&
                          std::is_sorted(bins.edges.begin(), bins.edges.end());
    const bool categoryComplete =
        bins.type != FieldType::Category || (positionOf(bins.labels, kOtherBin) < bins.labels.size() &&
                                             positionOf(bins.labels, kUnseenBin) < bins.labels.size());
    if (!complete || !categoryComplete)
        return fail(ErrorCode::InvalidInput, "{}: the bins of the feature \"{}\" are incomplete.", kWhat,
                    shownText(bins.feature));
    return bins;
}

} // namespace

std::optional<std::pair<double, double>> rangeOfBinLabel(std::string_view label) {
    const std::size_t comma = label.find(", ");
    if (!label.starts_with('(') || comma == std::string_view::npos || !(label.ends_with(']') || label.ends_with(')')))
        return std::nullopt;
    const std::string_view low = label.substr(1, comma - 1), high = label.substr(comma + 2, label.size() - comma - 3);
    const std::optional<double> from = low == "-inf" ? -std::numeric_limits<double>::infinity() : parseFinite(low);
    const std::optional<double> to = high == "+inf" ? std::numeric_limits<double>::infinity() : parseFinite(high);
    return from && to ? std::optional(std::pair(*from, *to)) : std::nullopt;
}

std::string categoryBinLabel(std::string_view category) {
    return isReserved(category) ? fmt::format("\"{}\"", category) : std::string(category);
}

std::size_t FeatureBins::binOfNumber(double value) const {
    if (std::isnan(value))
        return binOfMissing();
    if (type == FieldType::Boolean)
        return value != 0 ? 1 : 0;
    // There are few edges: to count those below is faster than to search, as nothing has to be guessed.
    const auto read = static_cast<double>(toModelNumber(value));
    std::size_t below = 0;
    for (const double edge : edges)
        below += edge < read ? 1 : 0;
    return below;
}

std::size_t FeatureBins::binOfMissing() const {
    return type == FieldType::Category ? positionOf(labels, kMissingBin) : labels.size() - 1;
}

std::size_t FeatureBins::binOfCategory(std::string_view category, bool knownToTransform) const {
    if (!knownToTransform)
        return positionOf(labels, kUnseenBin);
    const std::size_t bin =
        isReserved(category) ? positionOf(labels, categoryBinLabel(category)) : positionOf(labels, category);
    return bin < labels.size() ? bin : positionOf(labels, kOtherBin);
}

std::size_t ReferenceProfile::binOf(std::size_t feature, const RowTransform& transform, const Cell& cell) const {
    const FeatureBins& bins = features[feature];
    if (const double* number = std::get_if<double>(&cell); number != nullptr && bins.type != FieldType::Category)
        return bins.binOfNumber(*number);
    if (const bool* flag = std::get_if<bool>(&cell); flag != nullptr && bins.type == FieldType::Boolean)
        return bins.binOfNumber(*flag ? 1 : 0);
    if (const std::string* text = std::get_if<std::string>(&cell);
        text != nullptr && bins.type == FieldType::Category) {
        const std::optional<std::size_t> field = transform.find(bins.feature);
        return bins.binOfCategory(*text, field && transform.knows(*field, *text));
    }
    return bins.binOfMissing();
}

nlohmann::json ReferenceProfile::toJson() const {
    nlohmann::json entries = nlohmann::json::array();
    for (const FeatureBins& bins : features) {
        entries.push_back({{"feature", bins.feature},
                           {"type", toString(bins.type)},
                           {"edges", bins.edges},
                           {"bins", bins.labels},
                           {"counts", bins.counts},
                           {"importance", bins.importance}});
    }
    return {{"schema", 1}, {"rows", rows}, {"features", std::move(entries)}};
}

Result<ReferenceProfile> ReferenceProfile::fromJson(const nlohmann::json& document) {
    if (TRY(jsonInteger(document, "schema", kWhat)) != 1)
        return fail(ErrorCode::InvalidInput, "The reference profile has a schema that this version does not know.");
    if (!document.contains("features") || !document["features"].is_array())
        return fail(ErrorCode::InvalidInput, "{}: the list \"features\" is missing.", kWhat);
    ReferenceProfile profile;
    const std::int64_t rows = TRY(jsonInteger(document, "rows", kWhat));
    profile.rows = static_cast<std::uint64_t>(std::max<std::int64_t>(rows, 0));
    for (const nlohmann::json& entry : document["features"])
        profile.features.push_back(TRY(binsFromJson(entry)));
    return profile;
}

} // namespace perch::data
