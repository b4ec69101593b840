#include "core/present/drift_screen.h"

#include "core/base/number_format.h"
#include "tests/support/test_support.h"

namespace perch::present {
namespace {

using drift::ColumnRole;
using drift::DriftedColumn;
using testing::HasSubstr;

drift::DriftReport sampleReport() {
    drift::DriftReport report{.referenceRows = 12'000, .currentRows = 5'000};
    report.columns = {{.name = "unemployment_rate", .method = "psi", .score = 0.41, .threshold = 0.1,
                       .adjustedP = 1e-9, .interval = stats::Interval{0.35, 0.47}, .drifted = true, .importance = 0.6,
                       .distances = {{"ks", 0.274}}, .bins = {{"(-inf, 5]", 0.8, 0.3}, {"(5, +inf)", 0.2, 0.7}}},
                      {.name = "loan_amount", .method = "psi", .score = 0.03, .threshold = 0.1, .adjustedP = 0.0004,
                       .interval = stats::Interval{0.01, 0.05}, .drifted = false, .importance = 0.4},
                      {.name = "open_accounts", .method = "psi", .score = 0.001, .threshold = 0.1, .adjustedP = 0.7,
                       .interval = stats::Interval{0, 0.01}, .drifted = false},
                      {.name = "empty", .method = "psi", .note = "There are no values on either side."},
                      {.name = "defaulted", .role = ColumnRole::Label, .method = "psi", .score = 0.2, .threshold = 0.1}};
    report.score = 0.258;
    report.interval = stats::Interval{0.21, 0.31};
    report.threshold = 0.15;
    report.drifted = true;
    report.reason = "The mean PSI over 2 features, weighted by importance, is 0.26 / 0.15.";
    return report;
}

TEST(DriftScreen, SaysWhatIsOverItsLimitAndWhatIsOnlyReal) {
    const DriftScreen screen = makeDriftScreen("credit-risk", sampleReport(), 0.05);
    EXPECT_EQ(screen.title.english(), "Drift credit-risk");
    EXPECT_EQ(screen.verdict.state, State::Fail);
    EXPECT_EQ(screen.score.text.english(), "0.26 / 0.15");
    EXPECT_EQ(screen.scoreInterval.english(), "0.21–0.31");
    EXPECT_EQ(screen.featuresOver.text.english(), "1 of 4");
    ASSERT_EQ(screen.rows.size(), 5U);
    EXPECT_EQ(screen.rows[0].verdict.word.english(), "Over limit");
    EXPECT_EQ(screen.rows[0].statistic.english(), "D 0.274");
    EXPECT_EQ(screen.rows[0].p.english(), formatPValue(1e-9));
    EXPECT_EQ(screen.rows[0].position, 1) << "beyond three times the limit";
    EXPECT_EQ(screen.rows[1].verdict.word.english(), "Small but real");
    EXPECT_EQ(screen.rows[2].verdict.word.english(), "No change seen");
    EXPECT_EQ(screen.rows[2].weight.english(), "none");
    EXPECT_EQ(screen.rows[3].verdict.state, State::NoData);
    EXPECT_EQ(screen.rows[3].score.text.english(), "none");
    EXPECT_EQ(screen.rows[4].rank.english(), "label");
    EXPECT_EQ(screen.rows[4].verdict.state, State::Undecided);
}

TEST(DriftScreen, HistogramIsOfTheSelectedFeature) {
    const DriftScreen screen = makeDriftScreen("credit-risk", sampleReport(), 0.05);
    ASSERT_EQ(screen.histogram.bars.size(), 2U);
    EXPECT_EQ(screen.histogram.feature, "unemployment_rate");
    EXPECT_GE(screen.histogram.high, 0.8);
    const DriftScreen other = makeDriftScreen("credit-risk", sampleReport(), 0.05, 3);
    EXPECT_TRUE(other.histogram.bars.empty());
    EXPECT_THAT(other.histogram.emptyText.english(), HasSubstr("no values"));
    EXPECT_EQ(makeDriftScreen("credit-risk", sampleReport(), 0.05, 99).histogram.feature, "unemployment_rate");
}

TEST(DriftScreen, NothingMeasuredIsNeverHealthy) {
    EXPECT_EQ(makeDriftScreen("m", {}, 0.05).verdict.state, State::NoData);
    const DriftScreen empty = makeEmptyDriftScreen("m");
    EXPECT_TRUE(empty.empty.shown);
    EXPECT_THAT(empty.empty.copy, HasSubstr("perch drift --reference"));
    drift::DriftReport undecided = sampleReport();
    undecided.drifted.reset();
    EXPECT_EQ(makeDriftScreen("m", undecided, 0.05).verdict.state, State::Undecided);
}

} // namespace
} // namespace perch::present
