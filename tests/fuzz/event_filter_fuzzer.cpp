#include "core/spec/event_filter.h"
#include "tests/fuzz/fuzzer.h"

/// The condition of a feature's `where`, and a cell on the second line.
PERCH_FUZZER(event_filter) {
    using namespace perch;
    const std::string_view condition = fuzz::takeLine(bytes);
    const Result<spec::EventFilter> filter = spec::EventFilter::parse(condition);
    fuzz::requireSentence(filter);
    if (!filter)
        return;
    fuzz::require(!filter->column.empty(), "a condition names a column");
    fuzz::require(!filter->ordered() || filter->number, "an order compares numbers");
    const bool keepsMissing = filter->keeps(std::nullopt, std::nullopt);
    fuzz::require(keepsMissing == (filter->test == spec::EventFilter::Test::Missing), "only `is missing` keeps nothing");
    (void)filter->keeps(bytes, std::nullopt);
    (void)filter->keeps(bytes, 1.5);
}
