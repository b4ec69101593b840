#include "core/data/source/json_record.h"
#include "tests/fuzz/fuzzer.h"

#include <nlohmann/json.hpp>

/// Foreign JSON of REST pages and JSON Lines.
PERCH_FUZZER(json_record) {
    using namespace perch;
    const Result<nlohmann::json> value = data::parseForeignJson(bytes, "input");
    fuzz::requireSentence(value);
    if (!value)
        return;
    const Result<nlohmann::json> again = data::parseForeignJson(value->dump(), "input");
    fuzz::require(again && *again == *value, "what was read is read again as the same");
    if (!value->is_object())
        return;
    for (const auto& [name, text] : data::flattenRecord(*value))
        fuzz::require(name.size() + text.size() <= 7 * bytes.size() + 64, "a cell is not much longer than its record");
}
