#include "core/model/predict/model_card_json.h"
#include "tests/fuzz/json_text.h"

/// The card.json of a package.
PERCH_FUZZER(model_card) {
    using namespace perch;
    fuzz::requireRoundTrip(bytes, model::modelCardFromJson, [](const model::ModelCard& card) { return toJson(card); });
}
