#include "core/base/number_format.h"
#include "core/present/drift_screen.h"
#include "tests/present/fixture.h"
#include "tests/support/test_support.h"

namespace perch::present {
namespace {

using drift::ColumnRole;
using testing::ElementsAre;
using testing::HasSubstr;

const SystemTime kDriftNow = fromMillis(1'778'596'328'000);

drift::DriftRecord sampleDriftRecord() {
    drift::DriftRecord record{.model = test::nameOf("credit-risk"),
                              .subject = "v7",
                              .reference = "january.csv",
                              .current = "may.csv",
                              .madeAt = kDriftNow - std::chrono::minutes(47)};
    using Range = drift::DriftBin::Range;
    drift::DriftReport& report = record.drift.report;
    report = {.referenceRows = 12'000, .currentRows = 5'000};
    report.columns = {
        {.name = "unemployment_rate",
         .method = "psi",
         .score = 0.41,
         .threshold = 0.1,
         .p = 1e-10,
         .adjustedP = 1e-9,
         .interval = stats::Interval{0.35, 0.47},
         .drifted = true,
         .importance = 0.6,
         .effect = 0.246,
         .distances = {{"ks", 0.274}},
         .bins = {{"(-inf, 5]", 0.8, 0.3, Range{{}, 5}},
                  {"(5, 41234.5]", 0.1, 0.6, Range{5, 41234.5}},
                  {"(41234.5, +inf)", 0.1, 0.1, Range{41234.5, {}}},
                  {"missing", 0, 0}}},
        {.name = "loan_amount",
         .method = "psi",
         .score = 0.43,
         .threshold = 0.5,
         .adjustedP = 0.0004,
         .interval = stats::Interval{0.01, 0.05},
         .drifted = false,
         .importance = 0.4,
         .effect = 0.172},
        {.name = "accounts",
         .method = "psi",
         .score = 0.001,
         .threshold = 0.1,
         .adjustedP = 0.7,
         .interval = stats::Interval{0, 0.01},
         .drifted = false},
        {.name = "empty", .method = "psi", .note = "There are no values on either side."},
        {.name = "defaulted", .role = ColumnRole::Label, .method = "psi", .score = 0.2, .threshold = 0.1}};
    report.score = 0.258;
    report.interval = stats::Interval{0.21, 0.31};
    report.threshold = 0.15;
    report.drifted = true;
    report.reason = "The mean PSI over 2 features, weighted by importance, is 0.26 / 0.15.";
    return record;
}

DriftScreen driftScreenOf(const drift::DriftRecord& record, const std::string& selected = "",
                          DriftOrder order = DriftOrder::Effect) {
    return makeDriftScreen({.model = "credit-risk", .record = &record, .selected = selected, .order = order},
                           kDriftNow);
}

std::vector<std::string> driftNamesOf(const DriftScreen& screen) {
    std::vector<std::string> names;
    for (const DriftRow& row : screen.rows)
        names.push_back(row.feature);
    return names;
}

TEST(DriftScreen, SaysWhatIsOverItsLimitAndWhatIsOnlyReal) {
    const DriftScreen screen = driftScreenOf(sampleDriftRecord());
    EXPECT_EQ(screen.title.english(), "Drift credit-risk");
    EXPECT_EQ(screen.verdict.state, State::Fail);
    EXPECT_EQ(screen.figures[0].value.text.english(), "0.26 / 0.15");
    EXPECT_EQ(screen.figures[0].small.english(), "0.21–0.31");
    EXPECT_EQ(screen.figures[1].value.text.english(), "1 of 4");
    EXPECT_THAT(screen.measuredNote.english(), HasSubstr("47\u00a0min ago, with v7"));
    ASSERT_EQ(screen.rows.size(), 5U);
    EXPECT_EQ(screen.rows[0].verdict.word.english(), "Over limit");
    EXPECT_EQ(screen.rows[0].statistic.english(), "D 0.274");
    EXPECT_EQ(screen.rows[0].test.english(), "Chi-squared");
    EXPECT_EQ(screen.rows[0].p.english(), formatPValue(1e-9));
    EXPECT_EQ(screen.rows[0].position, 1) << "beyond three times the limit";
    EXPECT_EQ(screen.rows[0].effect.english(), "0.246");
    EXPECT_EQ(screen.rows[0].effectShare, 1);
    EXPECT_EQ(screen.rows[1].verdict.word.english(), "Small but real");
    EXPECT_EQ(screen.rows[2].verdict.word.english(), "No change seen");
    EXPECT_EQ(screen.rows[2].weight.english(), "none");
    EXPECT_EQ(screen.rows[3].verdict.state, State::NoData);
    EXPECT_EQ(screen.rows[3].score.text.english(), "none");
    EXPECT_EQ(screen.rows[4].role.english(), "label");
    EXPECT_EQ(screen.rows[4].verdict.state, State::Undecided);
}

TEST(DriftScreen, OrdersByEffectScoreAndName) {
    const drift::DriftRecord record = sampleDriftRecord();
    EXPECT_THAT(driftNamesOf(driftScreenOf(record)),
                ElementsAre("unemployment_rate", "loan_amount", "accounts", "empty", "defaulted"));
    EXPECT_THAT(driftNamesOf(driftScreenOf(record, "", DriftOrder::Score)),
                ElementsAre("loan_amount", "unemployment_rate", "accounts", "empty", "defaulted"));
    EXPECT_THAT(driftNamesOf(driftScreenOf(record, "", DriftOrder::Name)),
                ElementsAre("accounts", "empty", "loan_amount", "unemployment_rate", "defaulted"));
}

TEST(DriftScreen, HistogramIsOfTheSelectedColumn) {
    const drift::DriftRecord record = sampleDriftRecord();
    const DriftScreen screen = driftScreenOf(record);
    EXPECT_EQ(screen.selected, 0U);
    EXPECT_EQ(screen.histogram.feature, "unemployment_rate");
    ASSERT_EQ(screen.histogram.bars.size(), 3U) << "nothing is missing";
    EXPECT_TRUE(screen.histogram.ranges);
    EXPECT_EQ(screen.histogram.bars[0].label.english(), "up to 5");
    EXPECT_EQ(screen.histogram.bars[1].label.english(), "5 to 41.2K");
    EXPECT_EQ(screen.histogram.bars[1].edge.english(), "41.2K");
    EXPECT_EQ(screen.histogram.bars[2].label.english(), "above 41.2K");
    EXPECT_GE(screen.histogram.high, 0.8);
    const DriftScreen other = driftScreenOf(record, "empty");
    EXPECT_EQ(other.selected, 3U);
    EXPECT_TRUE(other.histogram.bars.empty());
    EXPECT_THAT(other.histogram.emptyText.english(), HasSubstr("no values"));
    EXPECT_EQ(driftScreenOf(record, "gone").histogram.feature, "unemployment_rate");
}

TEST(DriftScreen, MissingAndUnseenValuesAreNamed) {
    drift::DriftRecord record = sampleDriftRecord();
    drift::DriftedColumn& column = record.drift.report.columns[2];
    column.missingChanged = true;
    column.missing = stats::ShareDifference{0.032, {0.02, 0.04}, 0.001};
    column.unseen = {70, 0.014, {"solar panels", "boat"}};
    column.bins = {{"rent", 0.5, 0.6}, {"missing", 0, 0}};
    const DriftScreen screen = driftScreenOf(record, "accounts");
    EXPECT_EQ(screen.rows[2].verdict.word.english(), "Small but real");
    EXPECT_EQ(screen.rows[2].remark.english(), "missing +3.2\u00a0pt, 1.4\u00a0% unseen: solar panels, boat");
    EXPECT_FALSE(screen.histogram.ranges);
    EXPECT_EQ(screen.histogram.bars.size(), 1U);
}

TEST(DriftScreen, MeaningAndEstimateSayWhatIsNotKnown) {
    drift::DriftRecord record = sampleDriftRecord();
    DriftScreen screen = driftScreenOf(record);
    EXPECT_EQ(screen.meaning.verdict.state, State::NoData);
    EXPECT_THAT(screen.meaning.emptyText.english(), HasSubstr("Labels in both tables"));
    EXPECT_TRUE(screen.estimate.rows.empty());
    EXPECT_FALSE(screen.estimate.emptyText.empty());

    record.drift.conceptDrift = drift::ConceptDrift{.referenceRows = 9'000,
                                                    .currentRows = 3'000,
                                                    .referenceError = 0.062,
                                                    .currentError = 0.119,
                                                    .change = stats::StratifiedChange{.value = 0.024, .p = 1e-7},
                                                    .drifted = true};
    drift::PerformanceEstimate estimate{.rows = 5'000};
    estimate.current.metrics[0] = stats::EstimatedMetric{0.896, stats::Interval{0.888, 0.904}};
    estimate.checkEstimated[0] = 0.937;
    estimate.checkRealized[0] = 0.938;
    record.drift.estimate = estimate;
    screen = driftScreenOf(record);
    EXPECT_EQ(screen.meaning.verdict.state, State::Fail);
    EXPECT_EQ(screen.meaning.figures[0].value.text.english(), "6.2 → 11.9\u00a0%");
    ASSERT_EQ(screen.estimate.rows.size(), stats::kEstimatedMetrics);
    EXPECT_EQ(screen.estimate.rows[0].estimated.text.english(), "89.6\u00a0%");
    EXPECT_EQ(screen.estimate.rows[0].interval.english(), "88.8–90.4");
    EXPECT_EQ(screen.estimate.rows[0].realized.english(), "none") << "there are no labels yet";
    EXPECT_EQ(screen.estimate.rows[0].check.english(), "93.7 / 93.8");
    EXPECT_EQ(screen.estimate.rows[1].estimated.text.english(), "none");
    EXPECT_EQ(screen.figures.back().value.text.english(), "89.6\u00a0%");
}

TEST(DriftScreen, EffectsAreOnTheAccuracyWhereItIsEstimated) {
    drift::DriftRecord record = sampleDriftRecord();
    record.drift.accuracy = drift::AccuracyEffects{
        5'000, 0.94, 0.9, {{"unemployment_rate", 0.01}, {"loan_amount", -0.03}, {"accounts", 0.0001}}};
    const DriftScreen screen = driftScreenOf(record);
    EXPECT_EQ(screen.effectHeader.english(), "Accuracy, est.");
    EXPECT_THAT(driftNamesOf(screen),
                ElementsAre("loan_amount", "accounts", "unemployment_rate", "empty", "defaulted"));
    EXPECT_EQ(screen.rows[0].effect.english(), formatPoints(-0.03));
    EXPECT_EQ(screen.rows[0].effectShare, 1);
    EXPECT_TRUE(screen.rows[0].effectHarms);
    EXPECT_EQ(screen.rows[1].effect.english(), "none") << "less than a tenth of a point";
    EXPECT_FALSE(screen.rows[2].effectHarms) << "over its limit, but the accuracy gains";
    EXPECT_EQ(screen.rows[3].effect.english(), "none");
    ASSERT_FALSE(screen.notes.empty());
    EXPECT_THAT(screen.notes.back().english(), AllOf(HasSubstr(formatPoints(-0.04)), HasSubstr(formatPoints(-0.0201))));
}

TEST(DriftScreen, WithoutAComparisonTheHistogramIsLive) {
    const fleet::SnapshotPtr snapshot = test::recorded("fleet.json");
    DriftScreenInput input{
        .model = "cart-abandon", .snapshot = snapshot.get(), .served = snapshot->find(test::nameOf("cart-abandon"))};
    DriftScreen screen = makeDriftScreen(input, snapshot->takenAt);
    EXPECT_EQ(screen.histogram.feature, "tenure_days");
    EXPECT_EQ(screen.histogram.referenceLegend.english(), "Reference: v4 training");
    EXPECT_THAT(screen.histogram.currentLegend.english(), HasSubstr("5,000 rows"));
    ASSERT_EQ(screen.histogram.bars.size(), 10u) << "nothing is missing, so no bar says it";
    EXPECT_TRUE(screen.histogram.ranges);
    EXPECT_EQ(screen.histogram.bars.front().label.english(), "up to 30");
    EXPECT_EQ(screen.histogram.bars.back().label.english(), "above 1400");
    EXPECT_GT(screen.histogram.bars.back().shares.current, screen.histogram.bars.back().shares.reference);
    input.selected = "visits_30d";
    screen = makeDriftScreen(input, snapshot->takenAt);
    EXPECT_EQ(screen.histogram.feature, "visits_30d");
    EXPECT_EQ(screen.histogram.figures[0].value.text.english(), "0.04");
}

TEST(DriftScreen, LiveDriftReachesBackAsFarAsAsked) {
    const fleet::SnapshotPtr snapshot = test::recorded("fleet.json");
    DriftScreenInput input{
        .model = "credit-risk", .snapshot = snapshot.get(), .served = snapshot->find(test::nameOf("credit-risk"))};
    const auto cells = [&](telemetry::DriftRange range) {
        input.range = range;
        const DriftScreen screen = makeDriftScreen(input, snapshot->takenAt);
        return screen.strip.rows.front().levels;
    };
    EXPECT_EQ(cells(telemetry::DriftRange::Day).size(), 14u);
    EXPECT_EQ(cells(telemetry::DriftRange::Week).size(), 28u);
    const std::vector<int> month = cells(telemetry::DriftRange::Month);
    ASSERT_EQ(month.size(), 30u);
    EXPECT_EQ(month.front(), -1) << "beyond what Prometheus keeps there is no data";
    EXPECT_GE(month.back(), 0);
}

TEST(DriftScreen, LiveDriftStandsBesideTheComparison) {
    const fleet::SnapshotPtr snapshot = test::recorded("fleet.json");
    const fleet::ModelFacts* served = snapshot->find(test::nameOf("credit-risk"));
    DriftScreenInput input{.model = "credit-risk", .snapshot = snapshot.get(), .served = served};
    DriftScreen screen = makeDriftScreen(input, snapshot->takenAt);
    EXPECT_TRUE(screen.live);
    EXPECT_TRUE(screen.empty.shown) << "no tables were compared";
    EXPECT_EQ(screen.verdict.state, State::Fail);
    ASSERT_EQ(screen.figures.size(), 2U);
    EXPECT_EQ(screen.figures[0].caption.english(), "Live against v7");
    EXPECT_EQ(screen.figures[0].value.text.english(), "0.21 / 0.15");
    EXPECT_EQ(screen.figures[0].value.tone, Tone::Fail);
    EXPECT_EQ(screen.strip.rows.size(), 7U);

    drift::DriftRecord record = sampleDriftRecord();
    record.drift.report.drifted = false;
    input.record = &record;
    screen = makeDriftScreen(input, snapshot->takenAt);
    EXPECT_EQ(screen.verdict.state, State::Fail) << "a good comparison does not hide what is live";
    EXPECT_EQ(screen.figures.size(), 4U);
}

TEST(DriftScreen, EvidentlysTestsArePValuesWithoutABar) {
    drift::DriftRecord record = sampleDriftRecord();
    drift::DriftReport& report = record.drift.report;
    report.preset = drift::DriftPreset::Evidently;
    report.columns = {{.name = "a", .method = "ks", .score = 0.3, .threshold = 0.05, .p = 0.3, .drifted = false},
                      {.name = "b", .method = "ks", .score = 0.001, .threshold = 0.05, .p = 0.001, .drifted = true}};
    report.share = 0.5;
    report.threshold = 0.5;
    const DriftScreen screen = driftScreenOf(record, "", DriftOrder::Score);
    EXPECT_THAT(driftNamesOf(screen), ElementsAre("b", "a")) << "the smaller p is more drift";
    EXPECT_FALSE(screen.rows[0].position);
    EXPECT_EQ(screen.rows[0].effect.english(), "none");
    EXPECT_EQ(screen.rows[0].test.english(), "KS");
    EXPECT_EQ(screen.figures[0].value.text.english(), "50\u00a0% / 50\u00a0%");
    EXPECT_THAT(screen.histogram.emptyText.english(), HasSubstr("no bins"));
}

TEST(DriftScreen, NothingMeasuredIsNeverHealthy) {
    const DriftScreen empty = makeDriftScreen({.model = "m"}, kDriftNow);
    EXPECT_EQ(empty.verdict.state, State::NoData);
    EXPECT_TRUE(empty.empty.shown);
    EXPECT_THAT(empty.empty.copy, HasSubstr("perch drift --reference"));
    EXPECT_THAT(empty.strip.emptyText.english(), HasSubstr("No version is served"));
    drift::DriftRecord undecided = sampleDriftRecord();
    undecided.drift.report.drifted.reset();
    EXPECT_EQ(driftScreenOf(undecided).verdict.state, State::Undecided);
}

} // namespace
} // namespace perch::present
