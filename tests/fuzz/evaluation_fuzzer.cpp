#include "core/model/evaluation_json.h"
#include "tests/fuzz/json_text.h"

/// The kept evaluation of a model.
PERCH_FUZZER(evaluation) {
    using namespace perch;
    fuzz::requireRoundTrip(
        bytes, [](const nlohmann::json& document) { return model::evaluationFromJson(document, "input"); },
        [](const model::Evaluation& evaluation) { return toJson(evaluation, model::WithCells::Yes); });
}
