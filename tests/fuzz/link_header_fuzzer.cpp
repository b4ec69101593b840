#include "core/data/source/link_header.h"
#include "core/data/source/page_fetcher.h"
#include "tests/fuzz/fuzzer.h"

#include <cctype>

/// The Link header of a REST page, what it links to and Retry-After. A next page on another host would be a leak, so an
/// origin names host and port and nothing else.
PERCH_FUZZER(link_header) {
    using namespace perch;
    const std::optional<std::string> next = data::nextLink(bytes);
    fuzz::require(!next || bytes.find(*next) != bytes.npos, "a next link is a part of the header");
    for (const std::string_view url : {bytes, next ? std::string_view(*next) : std::string_view()}) {
        const std::optional<std::string> origin = data::originOf(url);
        fuzz::require(!origin || data::originOf(*origin) == origin, "the origin of an origin is itself");
        fuzz::require(!origin || origin->find_first_of("@/?# \\") == 5 + (origin->starts_with("https") ? 1 : 0),
                      "an origin is a scheme, a host and a port");
        fuzz::require(data::withoutQuery(url).size() <= url.size() + 3, "a URL without its query is not longer");
    }
    const auto wait = http::retryAfter(bytes);
    fuzz::require(!wait || wait->count() >= 0, "nobody waits for less than nothing");
}
