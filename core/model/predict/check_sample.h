#pragma once

#include "core/data/row/row_transform.h"

#include <span>
#include <string>
#include <vector>

namespace perch::model {

/// Rows with the scores that XGBoost gave when the version was made: check.json. Cells are in field order; a null
/// is a missing value. Reproducing the scores bit by bit proves that booster, transform and library fit together.
struct CheckSample {
    std::vector<std::vector<data::Cell>> rows;
    std::vector<float> scores;

    std::string toJson() const;
    static Result<CheckSample> parse(std::string_view json);

    /// The rows as the model reads them.
    Result<std::vector<float>> encode(const data::RowTransform& transform) const;
};

} // namespace perch::model
