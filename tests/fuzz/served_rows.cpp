#include "tests/fuzz/served_rows.h"

#include "core/base/utf8.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/fuzz/small_package.h"

#include <cmath>

namespace perch::fuzz {

namespace {

const model::Package& package() {
    static const model::Package package = model::packageOf(smallPackage());
    return package;
}

} // namespace

const serving::RowReader& rowReader() {
    static const serving::RowReader reader(package());
    return reader;
}

void requireWholeRows(const Result<serving::PredictionRequest>& request) {
    requireSentence(request);
    if (!request) {
        require(request.error().code == ErrorCode::InvalidInput, "a wrong request is invalid input");
        return;
    }
    const serving::EncodedRows& rows = request->rows;
    require(rows.count > 0 && rows.count <= kRowLimit, "the rows are not too many");
    require(rows.values.size() == rows.count * package().transform.width(), "each row is a whole one");
    const auto& features = package().reference.features;
    require(rows.bins.size() == rows.count * features.size(), "each cell is counted");
    for (std::size_t i = 0; i < rows.bins.size(); ++i)
        require(rows.bins[i] < features[i % features.size()].labels.size(), "a cell has a bin");
    for (const float value : rows.values)
        require(!std::isinf(value), "no cell becomes infinite");
    require(request->id.empty() || serving::checkRequestId(request->id), "a request id is one");
    require(rows.notes.size() <= rows.values.size(), "at most one note a cell");
}

} // namespace perch::fuzz
