#pragma once

#include "core/evaluate/evaluation.h"
#include "core/present/state.h"

#include <vector>

namespace perch::present {

/// The selection rate of each group, with its interval, and the largest difference between two groups.
struct FairnessCard {
    struct Group {
        Text name;
        Text rows;
        double rate = 0, low = 0, high = 0; ///< 0 to 1
        Text rateText;                      ///< `86.0 %`
        bool operator==(const Group&) const = default;
    };
    Text note; ///< `selection rate by gender`
    std::vector<Group> groups;
    double low = 0, high = 1; ///< the axis, 0 to 1, rounded to its ticks
    double tickStep = 0.25;
    Text gap;       ///< `gap 0.04`, or why it is not known
    Text emptyText; ///< why there are no groups
    bool operator==(const FairnessCard&) const = default;
};

FairnessCard makeFairnessCard(const evaluate::Evaluation& evaluation);

} // namespace perch::present
