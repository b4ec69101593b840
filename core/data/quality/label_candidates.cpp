#include "core/data/quality/label_candidates.h"

#include "core/base/number_format.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace perch::data {

namespace {

constexpr std::uint64_t kMostClasses = 20;
constexpr std::ptrdiff_t kMostCandidates = 5;
constexpr std::array<std::string_view, 24> kUsualNames = {
    "label",     "target",   "class",    "outcome",   "churn",    "churned",   "default",    "defaulted",
    "fraud",     "is_fraud", "status",   "response",  "survived", "converted", "conversion", "clicked",
    "cancelled", "canceled", "returned", "attrition", "bad",      "approved",  "exited",     "y"};

std::string lowered(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

bool hasUsualName(const std::string& name) {
    const std::string low = lowered(name);
    return std::ranges::find(kUsualNames, low) != kUsualNames.end() ||
           std::ranges::any_of(std::array{"churn", "target", "label", "default", "fraud"},
                               [&](std::string_view part) { return low.find(part) != std::string::npos; });
}

/// Rows of the rarest class where the profile counts all of them.
std::optional<std::uint64_t> rarestOf(const ColumnSummary& column) {
    if (column.top.size() != column.distinct || column.top.empty())
        return std::nullopt;
    return column.top.back().second;
}

} // namespace

std::vector<LabelCandidate> labelCandidates(const TableProfile& profile) {
    std::vector<LabelCandidate> candidates;
    for (std::size_t i = 0; i < profile.columns.size(); ++i) {
        const ColumnSummary& column = profile.columns[i];
        const bool usual = hasUsualName(column.name);
        const bool wholeOrText = column.type != FieldType::Number || (column.numbers && column.numbers->whole);
        const bool classes = column.distinct >= 2 && column.distinct <= kMostClasses && wholeOrText;
        if (column.missing > 0 || column.distinct < 2 || (!classes && !usual) ||
            (column.type == FieldType::Category && !classes))
            continue;
        LabelCandidate candidate{.column = column.name, .points = usual ? 8 : 0, .reason = {}};
        std::vector<std::string> reasons;
        reasons.push_back(column.distinct == 2 ? "two classes"
                          : classes            ? fmt::format("{} classes", column.distinct)
                                               : "a number");
        candidate.points += column.distinct == 2 ? 4 : classes ? 1 : 0;
        if (const auto rarest = rarestOf(column))
            reasons.back() +=
                fmt::format(", the rarest in {} of the rows",
                            formatPercent(static_cast<double>(*rarest) / static_cast<double>(profile.rows)));
        if (usual)
            reasons.emplace_back("the name is usual for a label");
        if (i + 1 == profile.columns.size()) {
            candidate.points += 2;
            reasons.emplace_back("it is the last column");
        }
        candidate.reason = fmt::format("{}", fmt::join(reasons, "; "));
        candidates.push_back(std::move(candidate));
    }
    std::ranges::stable_sort(candidates, std::ranges::greater{}, &LabelCandidate::points);
    if (std::ssize(candidates) > kMostCandidates)
        candidates.erase(candidates.begin() + kMostCandidates, candidates.end());
    return candidates;
}

} // namespace perch::data
