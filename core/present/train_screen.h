#pragma once

#include "core/fleet/snapshot.h"
#include "core/present/curve_card.h"
#include "core/present/training_form.h"
#include "core/present/training_run.h"

namespace perch::present {

/// What a person chose on the Train screen.
struct TrainChoice {
    std::string run;                   ///< shown; empty: the newest of the model
    std::vector<std::string> compared; ///< at most two past runs laid over the curve
    std::string metric;                ///< XGBoost's name; empty: the first one
    std::string data;                  ///< the file for the next training; empty: that of the run shown
    TrainingFields edits;              ///< parameters changed for the next training
};

/// A button of the screen.
struct TrainAction {
    Text label;
    bool shown = true;
    bool enabled = false;
    Text reason; ///< why it is off; empty while it is on
};

struct DatasetCard {
    struct Tile {
        Text name;
        Text value;
    };
    struct Part {
        Tone tone = Tone::Stable;
        double share = 0;
        Text label;   ///< `70,000`
        Text shortLabel; ///< `15 K`, where there is no room for it
        Text tooltip; ///< `Training, 70,000 rows`
    };
    struct CheckRow {
        State state = State::NoData;
        Text name;
        Cell value;
        Text tooltip; ///< the sentence
    };
    Text file;
    Text note;        ///< `sha256 51ce08aa 7d3b`
    std::vector<Tile> tiles;
    Text splitTitle;  ///< `Split by time`
    Text splitNote;   ///< `train, valid, test`
    std::vector<Part> parts;
    std::vector<CheckRow> checks;
    Text checksText;  ///< in place of the checks, where there are none
    bool changeable = false;
};

struct ParameterCard {
    std::vector<ParameterField> fields;
    bool readOnly = false;
    Text note; ///< `read-only while running`
};

struct ProgressCard {
    Text round;  ///< `Round 448 of 600`
    Text pace;   ///< `1 min 49 s, 4.1 rounds/s`
    double share = 0;
    std::optional<double> best, stop; ///< places of their ticks, 0 to 1
    Text likely; ///< `Likely end: round 462, in 3 s`
    Text most;   ///< `At most: round 600, in 37 s`
    Text summary;
};

struct BestCard {
    struct Row {
        Text metric, candidate, baseline;
        Text sign;   ///< `=`, `better`, `worse`: only where both were measured on the same rows
    };
    Text title;
    Text note;
    Text candidate, baseline; ///< column heads
    std::vector<Row> rows;
    Text footnote;
    Text emptyText;
};

struct StepRow {
    State state = State::NoData;
    Text name;
    Text value; ///< `0.9 s`, `not started`
    bool current = false;
};

struct LogRow {
    Text time, level;
    Tone tone = Tone::Secondary;
    Text text;
};

struct MachineRow {
    Text name;    ///< `Processor`
    Text value;   ///< `13.6`
    Text of;      ///< `of 16 threads`
    Spark spark;
    Text tooltip;
};

struct RunRow {
    std::string id;
    State state = State::NoData;
    Text word, version, rounds, metric, when;
    bool shown = false;
    bool compared = false;
};

/// The Train screen: one training, under way or past, and the form for the next one.
struct TrainScreen {
    Text title; ///< `Train credit-risk v9 draft`
    Chip chip;
    Text note;  ///< `local engine, XGBoost, started 14:30:19 by oncall-eu`
    TrainAction start, pause, stop, copy;
    Text message; ///< why it was refused, failed or is undecided, and what to do
    Tone messageTone = Tone::Secondary;
    DatasetCard dataset;
    ParameterCard parameters;
    ProgressCard progress;
    CurveCard curve;
    std::vector<Text> metrics;            ///< of the segments over the curve
    std::vector<std::string> metricNames; ///< XGBoost's, in the same order
    int metric = 0;
    BestCard best;
    std::vector<StepRow> steps;
    std::vector<LogRow> log;
    std::vector<MachineRow> machine;
    Text machineNote;
    std::vector<RunRow> runs;
    Text metricHead; ///< of the table of runs
    EmptyState empty; ///< nothing was trained yet: what to do
    StatusLine status;
    std::string run;  ///< id of the run shown; empty without one
    std::string script;                        ///< what Copy as script copies
    std::optional<TrainingRequest> request;    ///< what Start asks for; nothing while a field is wrong
    std::optional<std::string> resumes;        ///< Start goes on with this interrupted run
};

/// What the screen is made of besides the facts.
struct TrainScreenInput {
    ModelName model;
    const fleet::ModelFacts* served = nullptr; ///< for the production version; null: not known
    TrainChoice choice;
    std::string starting;  ///< a start that was asked for and has no run yet: what it says; empty: none
    bool canStart = true;  ///< there is an engine to start one
    bool readOnly = false;
};

/// Pure.
TrainScreen makeTrainScreen(const TrainingFacts& facts, const TrainScreenInput& input, SystemTime now);

/// The state of a run with its word: `Training`, `Registered`, `Refused`...
Chip trainingChip(const TrainingRun& run);

} // namespace perch::present
