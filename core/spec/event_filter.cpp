#include "core/spec/event_filter.h"

#include "core/base/parse_number.h"
#include "core/base/utf8.h"

#include <utility>
#include <vector>

namespace perch::spec {

namespace {

constexpr std::string_view kExpected =
    "must be like 'COLUMN is missing', 'COLUMN is not missing', 'COLUMN = text' or 'COLUMN > number'.";

/// Words between spaces; what stands in double quotes is one word.
Result<std::vector<std::string>> wordsOf(std::string_view condition) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < condition.size();) {
        if (condition[i] == ' ') {
            ++i;
            continue;
        }
        const bool quoted = condition[i] == '"';
        const std::size_t end = quoted ? condition.find('"', i + 1) : condition.find(' ', i);
        if (quoted && end == std::string_view::npos)
            return fail(ErrorCode::InvalidInput, "has a quote that is never closed.");
        const std::size_t first = quoted ? i + 1 : i;
        words.emplace_back(condition.substr(first, end == std::string_view::npos ? end : end - first));
        i = end == std::string_view::npos ? condition.size() : end + (quoted ? 1 : 0);
    }
    return words;
}

std::optional<EventFilter::Test> testOf(std::string_view word) {
    using enum EventFilter::Test;
    constexpr std::pair<std::string_view, EventFilter::Test> kTests[] = {
        {"=", Equal}, {"!=", NotEqual}, {"<", Less}, {"<=", LessOrEqual}, {">", Greater}, {">=", GreaterOrEqual}};
    for (const auto& [name, test] : kTests) {
        if (name == word)
            return test;
    }
    return std::nullopt;
}

} // namespace

Result<EventFilter> EventFilter::parse(std::string_view condition) {
    const std::vector<std::string> words = TRY(wordsOf(condition));
    if (words.size() == 3 && words[1] == "is" && words[2] == "missing")
        return EventFilter{.column = words[0], .test = Test::Missing};
    if (words.size() == 4 && words[1] == "is" && words[2] == "not" && words[3] == "missing")
        return EventFilter{.column = words[0], .test = Test::NotMissing};
    const std::optional<Test> test = words.size() == 3 ? testOf(words[1]) : std::nullopt;
    if (!test || words[0].empty())
        return fail(ErrorCode::InvalidInput, "{}", kExpected);
    EventFilter filter{.column = words[0], .test = *test, .text = words[2], .number = parseFinite(words[2])};
    if (filter.ordered() && !filter.number)
        return fail(ErrorCode::InvalidInput, "must compare with a number: '{}' is none.", shownText(words[2]));
    return filter;
}

bool EventFilter::keeps(const std::optional<std::string_view>& cell, const std::optional<double>& value) const {
    if (test == Test::Missing || !cell)
        return test == Test::Missing && !cell;
    const bool equal = number && value ? *number == *value : *cell == text;
    switch (test) {
    case Test::Missing:
        return false;
    case Test::NotMissing:
        return true;
    case Test::Equal:
        return equal;
    case Test::NotEqual:
        return !equal;
    case Test::Less:
        return value && *value < *number;
    case Test::LessOrEqual:
        return value && *value <= *number;
    case Test::Greater:
        return value && *value > *number;
    case Test::GreaterOrEqual:
        return value && *value >= *number;
    }
    return false;
}

} // namespace perch::spec
