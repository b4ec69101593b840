#include "core/serving/inference_protocol.h"
#include "tests/fuzz/served_rows.h"
#include "tests/fuzz/fuzzer.h"

/// The body of a prediction in the Open Inference Protocol.
PERCH_FUZZER(infer_request) {
    using namespace perch;
    fuzz::requireWholeRows(serving::parseInfer(bytes, fuzz::rowReader(), fuzz::kRowLimit));
}
