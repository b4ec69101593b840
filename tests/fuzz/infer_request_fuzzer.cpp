#include "core/serving/inference_protocol.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/served_rows.h"

/// The body of a prediction in the Open Inference Protocol; and the same behind a first line with the length of its
/// JSON, as the header of the binary extension has it.
PERCH_FUZZER(infer_request) {
    using namespace perch;
    fuzz::requireWholeRows(serving::parseInfer(bytes, fuzz::rowReader(), fuzz::kRowLimit));
    const std::string_view length = fuzz::takeLine(bytes);
    fuzz::requireWholeRows(
        serving::parseInfer(bytes, fuzz::rowReader(), fuzz::kRowLimit, serving::KeepCells::Yes, length));
}
