#include "core/model/predict/check_sample.h"
#include "tests/fuzz/json_text.h"
#include "tests/fuzz/small_package.h"

/// The check.json of a package.
PERCH_FUZZER(check_sample) {
    using namespace perch;
    static const data::RowTransform transform = fuzz::smallPackage().transform;
    const Result<model::CheckSample> sample = model::CheckSample::parse(bytes);
    fuzz::requireSentence(sample);
    if (!sample)
        return;
    const Result<model::CheckSample> again = model::CheckSample::parse(sample->toJson());
    fuzz::require(again && again->rows == sample->rows, "the rows read back");
    const Result<std::vector<float>> values = sample->encode(transform);
    fuzz::requireSentence(values);
    fuzz::require(!values || values->size() == sample->rows.size() * transform.width(), "each row is a whole one");
}
