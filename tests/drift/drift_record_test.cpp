#include "core/base/file.h"
#include "core/base/json.h"
#include "core/drift/drift_record.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::drift {
namespace {

using test::failsWith;
using test::Folder;
using test::valueOf;
using testing::HasSubstr;

DriftRecord fullRecord() {
    DriftRecord record{.model = valueOf(ModelName::parse("credit-risk")),
                       .subject = "v7",
                       .reference = "january.csv",
                       .current = "may.csv",
                       .alpha = 0.01,
                       .madeAt = fromMillis(1'778'596'328'123)};
    DriftReport& report = record.drift.report;
    report = {.referenceRows = 12'000, .currentRows = 5'000, .share = 0.5, .score = 0.2, .threshold = 0.15};
    report.interval = stats::Interval{0.1, 0.3};
    report.drifted = true;
    report.reason = "Why.";
    report.notes = {"A note."};
    report.columns = {
        {.name = "purpose",
         .method = "psi",
         .score = 0.2,
         .threshold = 0.1,
         .p = 0.001,
         .adjustedP = 0.004,
         .interval = stats::Interval{0.1, 0.3},
         .drifted = true,
         .importance = 1,
         .effect = 0.2,
         .distances = {{"jensen_shannon", 0.3}},
         .bins = {{"(-inf, 3]", 0.5, 0.2, DriftBin::Range{{}, 3}},
                  {"(3, +inf)", 0.5, 0.7, DriftBin::Range{3, {}}},
                  {"unseen", 0, 0.1, {}}},
         .referenceMissing = 3,
         .currentMissing = 80,
         .missing = stats::ShareDifference{0.02, {0.01, 0.03}, 0.002},
         .missingChanged = true,
         .unseen = {500, 0.1, {"boat"}},
         .currentInfinite = 2},
        {.name = "empty", .method = "psi", .note = "There are no values."},
        {.name = "default", .role = ColumnRole::Label, .method = "psi", .score = 0.01, .threshold = 0.1},
        {.name = "score", .role = ColumnRole::Prediction, .method = "psi", .score = 0.3, .threshold = 0.1}};
    record.drift.against = ModelsCompared{.model = "v8", .rows = 5'000, .agreement = 0.97};
    record.drift.conceptDrift =
        ConceptDrift{.referenceRows = 9'000, .currentError = 0.1, .change = stats::StratifiedChange{.value = 0.02}};
    PerformanceEstimate estimate{.rows = 5'000, .checkRows = 400, .calibrated = true, .calibrationError = 0.01};
    estimate.current.metrics[0] = stats::EstimatedMetric{0.9, stats::Interval{0.88, 0.92}};
    estimate.realized[1] = 0.7;
    record.drift.estimate = estimate;
    return record;
}

TEST(DriftRecord, ReadsBackWhatItWrote) {
    const Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder.path()));
    const DriftRecord record = fullRecord();
    EXPECT_THAT(loadDrift(workspace, record.model), failsWith(ErrorCode::NotFound, HasSubstr("drift.json")));
    valueOf(storeDrift(workspace, record));
    const DriftRecord read = valueOf(loadDrift(workspace, record.model));
    EXPECT_EQ(toJson(read), toJson(record));
    EXPECT_EQ(read.madeAt, record.madeAt);
    ASSERT_EQ(read.drift.report.columns.size(), 4U);
    EXPECT_EQ(read.drift.report.columns[0].unseen.examples, std::vector<std::string>{"boat"});
    EXPECT_EQ(read.drift.report.columns[0].missing->interval.high, 0.03);
    EXPECT_FALSE(read.drift.report.columns[1].score);
    EXPECT_EQ(read.drift.report.columns[2].role, ColumnRole::Label);
    EXPECT_EQ(read.drift.report.columns[3].role, ColumnRole::Prediction);
    EXPECT_FALSE(read.drift.estimate->realized[0]);
}

TEST(DriftRecord, NamesAFileThatIsNoReport) {
    const Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder.path()));
    const DriftRecord record = fullRecord();
    valueOf(storeDrift(workspace, record));
    for (const char* bytes : {"{", "{}", "[]", R"({"model": "credit-risk", "subject": 7})"}) {
        valueOf(writeFileAtomically(driftFile(workspace, record.model), bytes));
        EXPECT_THAT(loadDrift(workspace, record.model), failsWith(ErrorCode::Corrupt, HasSubstr("drift.json")))
            << bytes;
    }
}

} // namespace
} // namespace perch::drift
