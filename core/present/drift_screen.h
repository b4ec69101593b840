#pragma once

#include "core/drift/drift.h"
#include "core/present/screen.h"

#include <vector>

namespace perch::present {

/// One feature of the ranked table.
struct DriftRow {
    Text rank;      ///< `1`; `label` and `prediction` for those beside the features
    std::string feature;
    Text weight;    ///< in the score: `19 %`, or `none`
    Cell score;     ///< `0.41`, or `none`; the tooltip holds limit and interval
    double position = 0;      ///< of the score, 0 to 1 of the bar
    double limitPosition = 0; ///< of the limit on the same bar
    Text test;      ///< `PSI`, `KS`, `Chi-squared`
    Text statistic; ///< `D 0.274`: the largest gap of the distributions; texts: Jensen-Shannon distance
    Text p;         ///< adjusted over all columns: `< 0.0001`
    Text remark;    ///< missing and unseen values; empty if there is nothing to say
    Chip verdict;   ///< `Over limit`, `Small but real`, `No change seen`, `Undecided`, `No data`
};

/// Both distributions of one feature.
struct DriftHistogram {
    struct Bar {
        Text label;
        double reference = 0, current = 0; ///< shares, 0 to 1
    };
    std::string feature;
    Text referenceLegend; ///< `Reference: 12,000 rows`
    Text currentLegend;
    std::vector<Bar> bars;
    double high = 1;      ///< the axis begins at 0
    double tickStep = 0.25;
    Text emptyText;       ///< why there are no bars
};

/// The Drift screen of one comparison of two tables.
struct DriftScreen {
    Text title;          ///< `Drift credit-risk`
    Chip verdict;        ///< `Over limit`
    Cell score;          ///< `0.21 / 0.15`
    Text scoreInterval;  ///< `0.18–0.24`
    Cell featuresOver;   ///< `3 of 12`
    Text reason;
    Text rankedNote;     ///< `12 features, false discovery rate 5 % (Benjamini-Yekutieli)`
    std::vector<DriftRow> rows;
    DriftHistogram histogram; ///< of the selected feature
    EmptyState empty;
    StatusLine status;
};

/// Pure. `selected` is a position in `report.columns`; beyond them the first is taken. `alpha` is what the report was
/// made with.
DriftScreen makeDriftScreen(const std::string& model, const drift::DriftReport& report, double alpha,
                            std::size_t selected = 0);

/// Before anything was compared: the command that does it.
DriftScreen makeEmptyDriftScreen(const std::string& model);

} // namespace perch::present
