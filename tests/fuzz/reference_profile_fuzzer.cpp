#include "core/data/row/reference_profile.h"
#include "tests/fuzz/json_text.h"

#include <cmath>

/// The reference.json of a package; every cell has a bin of it.
PERCH_FUZZER(reference_profile) {
    using namespace perch;
    using data::Cell;
    fuzz::requireRoundTrip(bytes, data::ReferenceProfile::fromJson,
                           [](const data::ReferenceProfile& profile) { return profile.toJson(); });
    const Result<nlohmann::json> document = parseJson(bytes, "input");
    const auto profile =
        document ? data::ReferenceProfile::fromJson(*document) : Result<data::ReferenceProfile>(document.error());
    if (!profile)
        return;
    std::vector<data::Field> fields;
    for (const data::FeatureBins& bins : profile->features)
        fields.push_back({.name = bins.feature, .type = bins.type, .categories = {"a"}});
    const data::RowTransform transform(fields);
    for (std::size_t i = 0; i < profile->features.size(); ++i) {
        const data::FeatureBins& bins = profile->features[i];
        fuzz::require(bins.counts.size() == bins.labels.size(), "each bin has a count");
        fuzz::require(std::isfinite(bins.importance), "an importance is a number");
        for (const Cell& cell : {Cell(), Cell(1.0), Cell(-1e300), Cell(std::nan("")), Cell(true), Cell(std::string("a"))})
            fuzz::require(profile->binOf(i, transform, cell) < bins.labels.size(), "a cell has a bin");
    }
}
