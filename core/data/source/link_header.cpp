#include "core/data/source/link_header.h"

#include <algorithm>
#include <cctype>

namespace perch::data {

namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower, {}, [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

/// The end of what begins at `at`: the next of `ends` that is not within double quotes.
std::size_t endOfPart(std::string_view text, std::size_t at, std::string_view ends) {
    bool quoted = false;
    for (; at < text.size(); ++at) {
        if (quoted && text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            quoted = !quoted;
        else if (!quoted && ends.find(text[at]) != std::string_view::npos)
            break;
    }
    return std::min(at, text.size());
}

/// Whether a parameter is `rel` with `next` among its words.
bool isNext(std::string_view parameter) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !equalsIgnoringCase(trimmed(parameter.substr(0, equals)), "rel"))
        return false;
    std::string_view words = trimmed(parameter.substr(equals + 1));
    if (words.size() >= 2 && words.front() == '"' && words.back() == '"')
        words = words.substr(1, words.size() - 2);
    while (!words.empty()) {
        const std::size_t space = std::min(words.find(' '), words.size());
        if (equalsIgnoringCase(words.substr(0, space), "next"))
            return true;
        words.remove_prefix(std::min(space + 1, words.size()));
    }
    return false;
}

} // namespace

std::optional<std::string> nextLink(std::string_view header) {
    for (std::size_t at = 0; at < header.size();) {
        at = header.find('<', at);
        const std::size_t close = at == std::string_view::npos ? at : header.find('>', at);
        if (close == std::string_view::npos)
            return std::nullopt;
        const std::string_view target = header.substr(at + 1, close - at - 1);
        for (at = close + 1; at < header.size() && header[at] != ',';) {
            const std::size_t end = endOfPart(header, at, ";,");
            if (isNext(header.substr(at, end - at)))
                return std::string(target);
            at = end < header.size() && header[end] == ';' ? end + 1 : end;
        }
    }
    return std::nullopt;
}

std::optional<std::string> originOf(std::string_view url) {
    std::string lower(url.substr(0, url.find_first_of("/?#", url.find("://") + 3)));
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool secure = lower.starts_with("https://");
    if (url.find("://") == std::string_view::npos || (!secure && !lower.starts_with("http://")))
        return std::nullopt;
    const std::size_t host = secure ? 8 : 7;
    const bool odd = std::ranges::any_of(lower, [](unsigned char c) { return c <= ' ' || c == '\\' || c == 0x7F; });
    if (lower.size() == host || odd || lower.find('@') != std::string::npos)
        return std::nullopt;
    const std::size_t bracket = lower.rfind(']');
    const std::size_t colon = lower.find(':', bracket == std::string::npos ? host : bracket);
    if (colon == std::string::npos)
        lower += secure ? ":443" : ":80";
    return lower;
}

} // namespace perch::data
