#include "core/data/build/cell_parser.h"
#include "core/data/build/look_back.h"
#include "core/data/build/typed_cell.h"
#include "tests/fuzz/fuzzer.h"

#include <cmath>
#include <limits>

/// One cell, read as each type.
PERCH_FUZZER(cell) {
    using namespace perch;
    using namespace perch::data;
    bytes = bytes.substr(0, 4'096);
    for (const std::optional<double>& value : {parseNumber(bytes), parseMoney(bytes)})
        fuzz::require(!value || std::abs(*value) <= std::numeric_limits<float>::max(), "a number is finite");
    if (const auto number = parseNumber(bytes))
        fuzz::require(parseNumber(fmt::format("{}", *number)) == number, "a number reads back");
    if (const auto amount = parseMoney(bytes); amount && !std::signbit(*amount))
        fuzz::require(parseMoney(fmt::format("({:f})", *amount)).has_value(), "an amount has a negative");

    if (const auto time = parseTimestamp(bytes)) {
        fuzz::require(toDate(*time).size() == 10, "a date has ten characters");
        const Micros milliseconds = *time - (*time % 1000 + 1000) % 1000;
        fuzz::require(parseTimestamp(toIso(*time)) == milliseconds, "a time reads back to the millisecond");
        fuzz::require(windowStart(*time, {.months = 3}) < *time, "a window begins before its end");
    }
    fuzz::require(!parseBoolean(bytes) || bytes.size() < 4'096, "a truth is short");
    for (const auto type : {spec::ColumnType::Number, spec::ColumnType::Money, spec::ColumnType::Boolean,
                            spec::ColumnType::Timestamp, spec::ColumnType::Category}) {
        const TypedCell cell = readCell(type, bytes);
        fuzz::require(cell.fit == TypedCell::Fit::Value || cell.number == 0, "what is no value has none");
        fuzz::require(std::isfinite(cell.number), "a value is finite");
    }
}
