#include "core/data/source/glob.h"
#include "tests/fuzz/fuzzer.h"

#include <algorithm>

/// A pattern and a path, on two lines.
PERCH_FUZZER(glob) {
    using namespace perch;
    const std::string_view pattern = fuzz::takeLine(bytes), path = bytes.substr(0, 2'000);
    if (pattern.size() > 300)
        return;
    const std::string base = data::globBase(pattern);
    fuzz::require(pattern.starts_with(base), "the base begins the pattern");
    fuzz::require(!data::isGlob(base), "the base holds no wildcard");
    const bool matches = data::matchesGlob(pattern, path);
    const std::size_t depth = data::globDepth(pattern);
    if (matches && data::isGlob(pattern)) {
        fuzz::require(path.starts_with(base), "what matches lies below the base");
        const std::string_view rest = path.substr(base.size());
        const auto segments = static_cast<std::size_t>(std::ranges::count(rest, '/')) + (rest.starts_with('/') ? 0 : 1);
        fuzz::require(depth == 0 || segments <= depth + 1, "what matches is found at the depth that is searched");
    }
}
