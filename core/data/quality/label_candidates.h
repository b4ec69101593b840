#pragma once

#include "core/data/quality/table_profile.h"

#include <string>
#include <vector>

namespace perch::data {

/// A column that a person may want to predict.
struct LabelCandidate {
    std::string column;
    int points = 0;     ///< for ranking
    std::string reason; ///< `two classes, the rarer in 26.5 % of the rows; the name is usual for a label`
};

/// The at most five columns that look most like labels, the likeliest first: few classes, no missing cells, a usual
/// name, the last place in the table. Empty if none does.
std::vector<LabelCandidate> labelCandidates(const TableProfile& profile);

} // namespace perch::data
