#include "core/evaluate/evaluated_model.h"
#include "core/evaluate/evaluation_compare.h"
#include "core/evaluate/evaluation_curves.h"
#include "core/evaluate/evaluation_json.h"
#include "core/stats/binary_bootstrap.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <random>

namespace perch::evaluate {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

struct Rows {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

Rows makeRows(std::uint64_t seed, std::size_t count) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> unit(0, 1);
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        const double score = unit(random);
        rows.scores.push_back(static_cast<float>(score));
        rows.labels.push_back(unit(random) < score);
    }
    return rows;
}

EvaluationOptions quickOptions() {
    EvaluationOptions options;
    options.resamples = 200;
    return options;
}

TEST(EvaluateScores, EveryMetricHasAValueInsideItsInterval) {
    const Rows rows = makeRows(1, 2'000);
    const EvaluatedModel model = valueOf(evaluateScores(rows.scores, rows.labels, 0.5, quickOptions(), {}));
    ASSERT_EQ(model.metrics.size(), metricDefinitions(model::Task::Binary).size());
    for (const MetricDefinition& definition : metricDefinitions(model::Task::Binary)) {
        const MetricValue& metric = model.metrics.find(definition.name)->second;
        ASSERT_TRUE(metric.value && metric.low && metric.high) << definition.name;
        EXPECT_LE(*metric.low, *metric.value) << definition.name;
        EXPECT_GE(*metric.high, *metric.value) << definition.name;
    }
    EXPECT_EQ(model.confusion, stats::confusionAt(rows.scores, rows.labels, 0.5));
}

TEST(EvaluateScores, MovedThresholdIsThatOfARescoring) {
    const Rows rows = makeRows(2, 3'000);
    const EvaluatedModel model = valueOf(evaluateScores(rows.scores, rows.labels, 0.5, quickOptions(), {}));
    for (const double threshold : {0.0, 0.13, 0.5, 0.731, 1.0}) {
        const auto moved = thresholdMetrics(model.cells, threshold);
        const auto matrix = stats::confusionAt(rows.scores, rows.labels, threshold);
        EXPECT_EQ(moved.find("accuracy")->second.value, stats::accuracy(matrix));
        EXPECT_EQ(moved.find("precision")->second.value, stats::precision(matrix));
        EXPECT_EQ(moved.find("f1")->second.value, stats::f1(matrix));
    }
    for (const EvaluationPoint& point : thresholdCurve(model.cells, "accuracy"))
        EXPECT_EQ(point.y, *stats::accuracy(stats::confusionAt(rows.scores, rows.labels, point.threshold)));
}

TEST(EvaluateScores, CheapestThresholdFollowsTheCosts) {
    const Rows rows = makeRows(3, 40'000);
    const auto cells = stats::ScoreCells::from(rows.scores, rows.labels);
    // Calibrated scores: the best threshold is cost of a false alarm / sum of both costs.
    EXPECT_NEAR(cheapestThreshold(cells, 1, 1), 0.5, 0.04);
    EXPECT_NEAR(cheapestThreshold(cells, 4, 1), 0.2, 0.04);
    EXPECT_NEAR(cheapestThreshold(cells, 1, 9), 0.9, 0.04);
}

TEST(EvaluateScores, TargetsAreReachedAndNotOverdone) {
    const Rows rows = makeRows(31, 5'000);
    const auto cells = stats::ScoreCells::from(rows.scores, rows.labels);
    for (const double target : {0.6, 0.8, 0.95}) {
        const double precise = thresholdForPrecision(cells, target).value();
        EXPECT_GE(*stats::precision(cells.confusionAt(precise)), target);
        // Every lower threshold misses the target: none has more recall.
        for (std::size_t i = 0; i < cells.firstPositive(precise); i += 50)
            EXPECT_LT(*stats::precision(cells.confusionAt(cells.lowest()[i])), target);
        const double sensitive = thresholdForRecall(cells, target).value();
        EXPECT_GE(*stats::recall(cells.confusionAt(sensitive)), target);
        EXPECT_LT(*stats::recall(cells.confusionAt(cells.lowest()[cells.firstPositive(sensitive) + 1])), target);
    }
    const auto noise =
        stats::ScoreCells::from(std::vector<float>{0.2F, 0.8F, 0.9F}, std::vector<std::uint8_t>{1, 0, 0});
    EXPECT_EQ(thresholdForPrecision(noise, 0.5), std::nullopt);
}

TEST(EvaluateScores, TheIntervalOfF1IsThatOfTheBootstrap) {
    const Rows rows = makeRows(32, 3'000);
    const auto cells = stats::ScoreCells::exactFrom(rows.scores, rows.labels);
    const auto intervals = valueOf(stats::bootstrapIntervals(cells, 0.5, {.resamples = 500, .seed = 3}, {}));
    const stats::Interval resampled = intervals[static_cast<std::size_t>(stats::BinaryMetric::F1)].value();
    const MetricValue f1 = thresholdMetrics(cells, 0.5).find("f1")->second;
    EXPECT_NEAR(*f1.low, resampled.low, 0.006);
    EXPECT_NEAR(*f1.high, resampled.high, 0.006);
    const MetricValue undefined = thresholdMetrics(stats::ScoreCells(), 0.5).find("f1")->second;
    EXPECT_FALSE(undefined.value || undefined.low);
}

TEST(Curves, AreMonotoneBoundedAndMatchTheArea) {
    for (const std::size_t count : {20, 500, 60'000}) {
        const Rows rows = makeRows(4, count);
        const auto cells = stats::ScoreCells::from(rows.scores, rows.labels);
        const EvaluationCurves curves = makeCurves(cells);
        ASSERT_LE(curves.roc.size(), 501u);
        EXPECT_EQ(curves.roc.front().x, 0);
        EXPECT_EQ(curves.roc.back().x, 1);
        EXPECT_EQ(curves.roc.back().y, 1);
        double area = 0;
        for (std::size_t i = 1; i < curves.roc.size(); ++i) {
            EXPECT_GE(curves.roc[i].x, curves.roc[i - 1].x);
            EXPECT_GE(curves.roc[i].y, curves.roc[i - 1].y);
            area += (curves.roc[i].x - curves.roc[i - 1].x) * (curves.roc[i].y + curves.roc[i - 1].y) / 2;
        }
        EXPECT_NEAR(area, *cells.metrics().rocAuc, 0.003);
        EXPECT_EQ(curves.precisionRecall.back().x, 1);
        EXPECT_EQ(curves.gain.back().y, 1);
        std::uint64_t inBins = 0;
        for (const CalibrationPoint& point : curves.calibration)
            inBins += point.rows;
        EXPECT_EQ(inBins, count);
        const ScoreHistogram histogram = makeHistogram(cells);
        std::uint64_t inHistogram = 0;
        for (std::size_t i = 0; i < histogram.negatives.size(); ++i)
            inHistogram += histogram.negatives[i] + histogram.positives[i];
        EXPECT_EQ(inHistogram, count);
    }
}

TEST(Curves, OneClassHasNoCurvesButCalibration) {
    const auto cells = stats::ScoreCells::from(std::vector<float>{0.2F, 0.4F}, std::vector<std::uint8_t>{1, 1});
    const EvaluationCurves curves = makeCurves(cells);
    EXPECT_TRUE(curves.roc.empty());
    EXPECT_TRUE(curves.precisionRecall.empty());
    EXPECT_EQ(curves.calibration.size(), 2u);
}

Difference between(double low, double high) {
    return {.value = (low + high) / 2, .low = low, .high = high, .p = std::nullopt, .test = ""};
}

TEST(Verdict, FollowsTheIntervalAndTheMargin) {
    EXPECT_EQ(verdictOf(between(0.001, 0.03), true, 0.01), Verdict::Better);
    EXPECT_EQ(verdictOf(between(-0.009, 0.03), true, 0.01), Verdict::NotWorse);
    EXPECT_EQ(verdictOf(between(-0.009, -0.001), true, 0.01), Verdict::NotWorse);
    EXPECT_EQ(verdictOf(between(-0.05, 0.03), true, 0.01), Verdict::Undecided);
    EXPECT_EQ(verdictOf(between(-0.05, -0.001), true, 0.01), Verdict::Worse);
    EXPECT_EQ(verdictOf(between(-0.05, -0.001), false, 0.01), Verdict::Better);
    EXPECT_EQ(verdictOf(between(0.001, 0.05), false, 0.01), Verdict::Worse);
    EXPECT_EQ(verdictOf(Difference{}, true, 0.01), Verdict::Undecided);
}

TEST(Compare, TellsAWorseModelFromAnEqualOne) {
    const Rows rows = makeRows(5, 6'000);
    std::vector<float> noisy;
    std::mt19937_64 random(6);
    std::uniform_real_distribution<float> unit(0, 1);
    for (const float score : rows.scores)
        noisy.push_back(0.6F * score + 0.4F * unit(random));
    const stats::ScoredRows good{rows.scores, 0.5}, bad{noisy, 0.5};
    const stats::BootstrapOptions quick{.resamples = 200, .seed = 1};
    const Comparison worse = valueOf(compare(bad, good, rows.labels, {"f1", 0.01}, quick, {}));
    EXPECT_EQ(worse.verdict, Verdict::Worse);
    EXPECT_LT(*worse.differences.find("accuracy")->second.p, 1e-4);
    EXPECT_EQ(worse.differences.find("accuracy")->second.test, "McNemar, exact");
    EXPECT_EQ(worse.differences.find("roc_auc")->second.test, "DeLong");
    EXPECT_EQ(valueOf(compare(good, bad, rows.labels, {"log_loss", 0.01}, quick, {})).verdict, Verdict::Better);
    EXPECT_EQ(valueOf(compare(good, good, rows.labels, {"f1", 0.01}, quick, {})).verdict, Verdict::NotWorse);
    EXPECT_THAT(compare(good, bad, rows.labels, {"auc", 0.01}, quick, {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no metric auc")));
}

Evaluation makeEvaluation() {
    const Rows rows = makeRows(9, 800);
    Evaluation evaluation;
    evaluation.model = valueOf(ModelName::parse("churn"));
    evaluation.label = "churn";
    evaluation.positive = "Yes";
    evaluation.data = "a \"quoted\" <file>.csv";
    evaluation.madeAt = fromMillis(1'790'000'000'123);
    evaluation.rows = 800;
    evaluation.candidate = valueOf(evaluateScores(rows.scores, rows.labels, 0.4, quickOptions(), {}));
    evaluation.candidate.title = "v2";
    evaluation.candidate.importance = {{"tenure", 0.7, 0.35, -0.8}, {"contract", 0.3, 0.15, std::nullopt}};
    evaluation.thresholds = {{"recall >= 0.9", 0.2, {{"recall", {.value = 0.91}}}}, {"precision >= 1", {}, {}}};
    evaluation.baseline = evaluation.candidate;
    evaluation.baseline->title = "v1";
    evaluation.comparison = valueOf(
        compare({rows.scores, 0.4}, {rows.scores, 0.4}, rows.labels, {"f1", 0.01}, {.resamples = 50, .seed = 1}, {}));
    evaluation.slices = {{.name = "x = 1", .rows = 70, .value = 0.5, .p = 0.01}};
    evaluation.fairness =
        Fairness{.column = "sex", .groups = {{.group = "= f", .rows = 3}}, .selection = {.value = 0.1}};
    evaluation.warnings = {"3 rows without a label were left out."};
    return evaluation;
}

TEST(EvaluationJson, RoundTripKeepsEverything) {
    const Evaluation evaluation = makeEvaluation();
    const nlohmann::json document = toJson(evaluation, WithCells::Yes);
    const Evaluation read = valueOf(evaluationFromJson(document, "evaluation.json"));
    EXPECT_EQ(toJson(read, WithCells::Yes), document);
    EXPECT_EQ(read.candidate.cells, evaluation.candidate.cells);
    EXPECT_EQ(document.at("verdict"), "not_worse");
    EXPECT_TRUE(document.at("difference").at("f1").contains("p"));
}

TEST(EvaluationJson, WithoutBaselineThereIsNoVerdict) {
    Evaluation evaluation = makeEvaluation();
    evaluation.baseline.reset();
    evaluation.comparison.reset();
    evaluation.fairness.reset();
    const nlohmann::json document = toJson(evaluation, WithCells::No);
    EXPECT_TRUE(document.at("verdict").is_null());
    EXPECT_TRUE(document.at("baseline").is_null());
    EXPECT_EQ(document.at("fairness"), nlohmann::json::object());
    EXPECT_FALSE(document.at("candidate").contains("cells"));
}

TEST(EvaluationJson, DamagedDocumentsAreCorrupt) {
    const nlohmann::json good = toJson(makeEvaluation(), WithCells::Yes);
    for (const auto& [key, value] : good.items()) {
        if (key == "made_at" || key == "metrics" || key == "baseline") // written for scripts, not read back
            continue;
        nlohmann::json bad = good;
        bad.erase(key);
        EXPECT_FALSE(evaluationFromJson(bad, "e.json").has_value()) << key;
    }
    nlohmann::json bad = good;
    bad["candidate"]["cells"]["lowest"] = {0.5, 0.2};
    EXPECT_THAT(evaluationFromJson(bad, "e.json"), failsWith(ErrorCode::Corrupt, HasSubstr("e.json")));
}

TEST(EvaluationJson, IsKeptPerModelInTheWorkspace) {
    const test::Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder / "w"));
    const Evaluation evaluation = makeEvaluation();
    EXPECT_THAT(loadEvaluation(workspace, evaluation.model),
                failsWith(ErrorCode::NotFound, HasSubstr("evaluation.json")));
    valueOf(storeEvaluation(workspace, evaluation));
    EXPECT_EQ(valueOf(loadEvaluation(workspace, evaluation.model)).data, evaluation.data);
    valueOf(writeFileAtomically(evaluationFile(workspace, evaluation.model), "{"));
    EXPECT_THAT(loadEvaluation(workspace, evaluation.model),
                failsWith(ErrorCode::Corrupt, HasSubstr("evaluation.json")));
}

} // namespace
} // namespace perch::evaluate
