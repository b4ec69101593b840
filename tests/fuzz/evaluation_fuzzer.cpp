#include "core/evaluate/evaluation_json.h"
#include "tests/fuzz/json_text.h"

/// The kept evaluation of a model.
PERCH_FUZZER(evaluation) {
    using namespace perch;
    fuzz::requireRoundTrip(
        bytes, [](const nlohmann::json& document) { return evaluate::evaluationFromJson(document, "input"); },
        [](const evaluate::Evaluation& evaluation) { return toJson(evaluation, evaluate::WithCells::Yes); });
}
