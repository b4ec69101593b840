#pragma once

#include "core/base/json.h"
#include "tests/fuzz/fuzzer.h"

#include <nlohmann/json.hpp>

namespace perch::fuzz {

/// Reads a document with `parse`; what was read and written again reads as the same once more.
template <typename Parse, typename Write>
void requireRoundTrip(std::string_view bytes, Parse&& parse, Write&& write) {
    const Result<nlohmann::json> document = parseJson(bytes, "input");
    requireSentence(document);
    if (!document)
        return;
    const auto value = parse(*document);
    requireSentence(value);
    if (!value)
        return;
    const nlohmann::json written = write(*value);
    const auto again = parse(written);
    require(again.has_value(), "what was written is read");
    require(write(*again).dump() == written.dump(), "what was written reads back as the same");
}

} // namespace perch::fuzz
