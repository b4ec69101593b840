#include "core/rollout/record_json.h"
#include "core/rollout/split.h"
#include "tests/fuzz/json_text.h"

/// The record of a rollout as the platform keeps it, and the text of a split.
PERCH_FUZZER(rollout_record) {
    using namespace perch;
    const auto record = rollout::parseRecord(bytes);
    fuzz::requireSentence(record);
    if (record && record->revision != 0) {
        const auto again = rollout::parseRecord(rollout::recordText(*record));
        fuzz::require(again && rollout::sameRollout(*again, *record), "a record reads back");
    }
    const auto split = rollout::Split::parse(bytes);
    fuzz::requireSentence(split);
    fuzz::require(!split || *rollout::Split::parse(split->text()) == *split, "a split reads back");
}
