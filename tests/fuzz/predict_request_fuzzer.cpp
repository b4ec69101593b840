#include "core/serving/predict_protocol.h"
#include "tests/fuzz/served_rows.h"
#include "tests/fuzz/fuzzer.h"

/// The body of a prediction, on the model's path and on its alias.
PERCH_FUZZER(predict_request) {
    using namespace perch;
    for (const serving::BareRow bare : {serving::BareRow::No, serving::BareRow::Yes})
        fuzz::requireWholeRows(serving::parsePredict(bytes, fuzz::rowReader(), bare, fuzz::kRowLimit));
}
