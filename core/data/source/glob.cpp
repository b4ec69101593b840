#include "core/data/source/glob.h"

#include <algorithm>

namespace perch::data {

namespace {

constexpr std::string_view kWildcards = "*?[";

/// Takes the first segment off a path.
std::string_view takeSegment(std::string_view& path) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    return segment;
}

/// Whether `c` is in the set that begins at `set` ("a-z]..."), and where the set ends; npos if it has no end.
bool inSet(std::string_view pattern, std::size_t& at, char c) {
    const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
    at += negated ? 1 : 0;
    bool found = false;
    for (const std::size_t first = at; at < pattern.size() && (pattern[at] != ']' || at == first); ++at) {
        if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
            found = found || (pattern[at] <= c && c <= pattern[at + 2]);
            at += 2;
        } else {
            found = found || pattern[at] == c;
        }
    }
    ++at;
    return found != negated;
}

/// One segment against one segment; the newest star takes one character more whenever the rest does not fit.
bool matchesSegment(std::string_view pattern, std::string_view text) {
    if (text.starts_with('.') && !pattern.starts_with('.'))
        return false;
    std::size_t p = 0, t = 0, starPattern = std::string_view::npos, starText = 0;
    while (t < text.size()) {
        bool fits = false;
        std::size_t next = p + 1;
        if (p < pattern.size() && pattern[p] == '*') {
            starPattern = p++;
            starText = t;
            continue;
        }
        if (p < pattern.size() && pattern[p] == '[')
            fits = inSet(pattern, next, text[t]);
        else if (p < pattern.size())
            fits = pattern[p] == '?' || pattern[p] == text[t];
        if (fits) {
            p = next;
            ++t;
        } else if (starPattern != std::string_view::npos) {
            p = starPattern + 1;
            t = ++starText;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p >= pattern.size();
}

} // namespace

bool isGlob(std::string_view path) {
    return path.find_first_of(kWildcards) != std::string_view::npos;
}

std::string globBase(std::string_view pattern) {
    const std::size_t slash = pattern.rfind('/', pattern.find_first_of(kWildcards));
    return slash == std::string_view::npos ? std::string() : std::string(pattern.substr(0, slash));
}

std::size_t globDepth(std::string_view pattern) {
    const std::string_view rest = pattern.substr(globBase(pattern).size());
    if (rest.find("**") != std::string_view::npos)
        return 0;
    return static_cast<std::size_t>(std::ranges::count(rest, '/')) + (rest.starts_with('/') ? 0 : 1);
}

bool matchesGlob(std::string_view pattern, std::string_view path) {
    while (!pattern.empty()) {
        const std::string_view wanted = takeSegment(pattern);
        if (wanted == "**") {
            for (;; takeSegment(path)) {
                if (matchesGlob(pattern, path))
                    return true;
                if (path.empty())
                    return false;
            }
        }
        if (path.empty() || !matchesSegment(wanted, takeSegment(path)))
            return false;
    }
    return path.empty();
}

} // namespace perch::data
