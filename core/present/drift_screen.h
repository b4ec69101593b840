#pragma once

#include "core/drift/drift_record.h"
#include "core/fleet/snapshot.h"
#include "core/present/model_screen.h"
#include "core/present/screen.h"

#include <optional>
#include <vector>

namespace perch::present {

/// How the ranked table is ordered: by name, by score, or by effect, the score times the weight in the model.
enum class DriftOrder { Name, Score, Effect };

/// Shares of one bin on both sides, 0 to 1.
struct DriftShares {
    double reference = 0, current = 0;
};

/// One column of the ranked table: features first, then prediction and label.
struct DriftRow {
    Text rank; ///< `1`; empty for prediction and label
    std::string feature;
    Text role;                           ///< `prediction`, `label`; empty for features
    Text weight;                         ///< in the score: `19 %`, or `none`
    Cell score;                          ///< `0.41`, or `none`; the tooltip holds limit and interval
    std::optional<double> position = {}; ///< of the score, 0 to 1 of the bar; empty: a p value, which has no bar
    double limitPosition = 0;            ///< of the limit on the same bar
    std::vector<DriftShares> shape = {}; ///< both distributions over the bins
    Text test;                           ///< `PSI`, `KS`, `Chi-squared`
    Text statistic;         ///< `D 0.274`: the largest gap of the distributions; texts: Jensen-Shannon distance
    Text p;                 ///< adjusted over all columns: `< 0.0001`
    Text effect;              ///< on the estimated accuracy: `−2.6 pt`; else part of the score: `0.08`; or `none`
    double effectShare = 0;   ///< of the largest effect, 0 to 1
    bool effectHarms = false; ///< it is one of the columns over the limit, or it costs accuracy
    Text remark;            ///< missing and unseen values; empty if there is nothing to say
    Chip verdict;           ///< `Over limit`, `Small but real`, `No change seen`, `Undecided`, `No data`
};

/// A key number with its caption.
struct DriftFigure {
    Text caption;
    Cell value;
    Text small; ///< interval, in small letters; may be empty
};

/// Both distributions of one feature.
struct DriftHistogram {
    struct Bar {
        Text label; ///< `5.1 to 5.4`, `rent`
        Text edge;  ///< numbers: the value at the right side of the bar, `5.4`; empty for the last and for categories
        DriftShares shares;
    };
    std::string feature;
    Text referenceLegend; ///< `Reference: 12,000 rows`
    Text currentLegend;
    bool ranges = false; ///< bars are ranges of numbers; otherwise values with names
    std::vector<Bar> bars;
    double high = 1; ///< the axis begins at 0
    double tickStep = 0.25;
    Text remark; ///< as in the row
    std::vector<DriftFigure> figures;
    Text emptyText; ///< why there are no bars
};

/// Whether equal inputs still mean the same.
struct DriftMeaning {
    Chip verdict;
    std::vector<DriftFigure> figures;
    Text reason;
    Text emptyText; ///< why it could not be told
};

/// Performance before labels arrive, beside what it turned out to be.
struct DriftEstimate {
    struct Row {
        Text metric;
        Cell estimated; ///< `88.4 %`
        Text interval;  ///< `87.9–88.9`
        Text realized;  ///< `88.1 %`, or `none`
        Text check;     ///< on labelled reference rows: `93.7 / 93.8`, or `none`
    };
    Text note; ///< `5,000 rows without their labels`
    std::vector<Row> rows;
    Text reason;
    Text emptyText;
};

/// The Drift screen of one model: the live drift of its versions, and the last comparison of two tables.
struct DriftScreen {
    Text title;   ///< `Drift credit-risk`
    Chip verdict; ///< the worse of both
    std::vector<DriftFigure> figures;
    bool measured = false;                   ///< there is a comparison
    Text measuredNote;                       ///< `12 May 14:02, 30 min ago: 5,000 rows against 100,000`
    std::string subject, reference, current; ///< what was compared
    drift::DriftPreset preset = drift::DriftPreset::Perch;
    bool live = false; ///< a version is served
    HeatStrip strip;
    Text stripNote;   ///< `v7 live, PSI, dot = over 0.15, read 6 s ago`
    Text scoreHeader; ///< `PSI / 0.10`
    Text rankedNote;  ///< `12 features, false discovery rate 5 % (Benjamini-Yekutieli)`
    Text effectHeader; ///< `Accuracy, est.`, or `Effect`
    std::vector<DriftRow> rows;
    std::optional<std::size_t> selected; ///< row
    Text reason;                         ///< under the table
    std::vector<Text> notes;
    DriftHistogram histogram; ///< of the selected row
    DriftMeaning meaning;
    DriftEstimate estimate;
    EmptyState empty; ///< instead of the table
    StatusLine status;
};

struct DriftScreenInput {
    std::string model;
    const fleet::Snapshot* snapshot = nullptr;  ///< may be null
    const fleet::ModelFacts* served = nullptr;  ///< of the snapshot; may be null
    const drift::DriftRecord* record = nullptr; ///< the last comparison; may be null
    std::string selected;                       ///< column; unknown or empty: the first row
    DriftOrder order = DriftOrder::Effect;
    telemetry::DriftRange range = telemetry::DriftRange::Day; ///< of the live history
    bool canMeasure = false; ///< the screen itself can compare two tables
};

/// Pure.
DriftScreen makeDriftScreen(const DriftScreenInput& input, SystemTime now);

} // namespace perch::present
