#include "core/data/row/row_transform.h"
#include "tests/fuzz/json_text.h"

#include <cmath>

/// The transform.json of a package; what it describes encodes any cell or says why not.
PERCH_FUZZER(row_transform) {
    using namespace perch;
    using data::Cell;
    fuzz::requireRoundTrip(bytes, data::RowTransform::fromJson,
                           [](const data::RowTransform& transform) { return transform.toJson(); });
    const Result<nlohmann::json> document = parseJson(bytes, "input");
    const auto transform = document ? data::RowTransform::fromJson(*document) : Result<data::RowTransform>(document.error());
    if (!transform)
        return;
    fuzz::require(transform->xgboostTypes().size() == transform->width(), "each field has a type");
    for (std::size_t i = 0; i < transform->width(); ++i) {
        for (const Cell& cell : {Cell(), Cell(1.0), Cell(1e300), Cell(std::nan("")), Cell(true), Cell(std::string("a"))}) {
            const Result<float> value = transform->encode(i, cell);
            fuzz::requireSentence(value);
            fuzz::require(!value || !std::isinf(*value), "no cell becomes infinite");
        }
        fuzz::require(transform->find(transform->fields()[i].name) == i, "a field is found by its name");
    }
}
