#include "core/base/json.h"
#include "core/base/number_format.h"
#include "core/evaluate/evaluation_json.h"
#include "core/present/evaluate_screen.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::present {
namespace {

using test::valueOf;

evaluate::Evaluation recordedEvaluation(const char* name = "fleet_evaluation.json") {
    const auto file = test::sourceFolder() / "tests" / "fixtures" / name;
    const auto document = valueOf(parseJson(valueOf(readFile(file)), file.string()));
    return valueOf(evaluate::evaluationFromJson(document, file.string()));
}

const MetricRow& rowNamed(const EvaluateScreen& screen, const std::string& name) {
    for (const MetricRow& row : screen.metrics) {
        if (row.name.english() == name)
            return row;
    }
    throw std::runtime_error("no row " + name);
}

TEST(EvaluateScreen, AMovedThresholdMovesItsMetricsAndClaimsNoTestThere) {
    const evaluate::Evaluation evaluation = recordedEvaluation();
    const EvaluateScreen before = makeEvaluateScreen(evaluation, std::nullopt);
    const EvaluateScreen moved = makeEvaluateScreen(evaluation, 0.2);
    const evaluate::MetricValues expected = evaluate::thresholdMetrics(evaluation.candidate.cells, 0.2);
    EXPECT_NE(rowNamed(before, "Recall").candidate.text, rowNamed(moved, "Recall").candidate.text);
    EXPECT_EQ(rowNamed(moved, "Recall").candidate.text.english(),
              formatPercent(expected.find("recall")->second.value.value()));
    EXPECT_EQ(rowNamed(moved, "Recall").word.english(), "not tested");
    EXPECT_TRUE(rowNamed(moved, "Recall").change.empty());
    // What does not depend on the threshold stays with its test.
    EXPECT_EQ(rowNamed(before, "ROC AUC").candidate.text, rowNamed(moved, "ROC AUC").candidate.text);
    EXPECT_EQ(rowNamed(before, "ROC AUC").word, rowNamed(moved, "ROC AUC").word);
}

TEST(EvaluateScreen, TheSameThresholdIsNotAMove) {
    const evaluate::Evaluation evaluation = recordedEvaluation();
    const EvaluateScreen screen = makeEvaluateScreen(evaluation, evaluation.candidate.threshold);
    EXPECT_EQ(rowNamed(screen, "Recall").word, rowNamed(makeEvaluateScreen(evaluation, std::nullopt), "Recall").word);
}

TEST(EvaluateScreen, SeveralClassesHaveRatesAndAMatrixAndNoThreshold) {
    const evaluate::Evaluation evaluation = recordedEvaluation("fleet_evaluation_classes.json");
    const EvaluateScreen screen = makeEvaluateScreen(evaluation);
    EXPECT_FALSE(screen.confusion.has_value());
    ASSERT_EQ(screen.curves.size(), 1U);
    EXPECT_EQ(screen.curves[0].lines.size(), 2U);
    ASSERT_TRUE(screen.classes.has_value());
    const ClassCards& cards = *screen.classes;
    ASSERT_EQ(cards.rows.size(), 3U);
    EXPECT_EQ(cards.rows[1].name, "One year");
    EXPECT_EQ(cards.rows[1].recall.english(), formatPercent(*evaluation.candidate.classes->classes[1].recall.value));
    const double change =
        *evaluation.candidate.classes->classes[1].f1.value - *evaluation.baseline->classes->classes[1].f1.value;
    EXPECT_EQ(cards.rows[1].change.text.english(), formatSigned(change * 100, 1));
    ASSERT_EQ(cards.cells.size(), 3U);
    std::uint64_t rows = 0;
    for (std::size_t truth = 0; truth < 3; ++truth) {
        double shares = 0;
        for (std::size_t answer = 0; answer < 3; ++answer) {
            rows += evaluation.candidate.classes->confusion[truth * 3 + answer];
            shares += cards.cells[truth][answer].share;
            EXPECT_EQ(cards.cells[truth][answer].correct, truth == answer);
        }
        EXPECT_NEAR(shares, 1, 1e-12);
    }
    EXPECT_EQ(rows, evaluation.rows);
    for (const KeyHint& key : screen.status.keys)
        EXPECT_NE(key.key, "[ ]") << "there is no threshold";
}

TEST(EvaluateScreen, AMatrixOfManyClassesHoldsTheLargest) {
    evaluate::Evaluation evaluation = recordedEvaluation("fleet_evaluation_classes.json");
    evaluate::ClassResult many;
    for (std::uint64_t c = 0; c < 40; ++c) {
        many.classes.push_back(
            {.name = "c" + std::to_string(c), .rows = 100 + c % 7, .precision = {}, .recall = {}, .f1 = {}});
        for (std::uint64_t answer = 0; answer < 40; ++answer)
            many.confusion.push_back(c == answer ? 100 + c % 7 : 0);
    }
    evaluation.candidate.classes = many;
    const ClassCards cards = makeClassCards(evaluation);
    EXPECT_EQ(cards.rows.size(), 40U);
    EXPECT_EQ(cards.rows[0].precision.english(), "none") << "never answered is not 0";
    ASSERT_EQ(cards.names.size(), kMatrixClasses);
    EXPECT_EQ(cards.names.front(), "c5");
    EXPECT_EQ(cards.cells[0][0].count.english(), "105");
    EXPECT_EQ(cards.matrixNote.english(), "the 10 largest of 40 classes");
}

TEST(EvaluateScreen, ARegressionHasItsErrors) {
    const evaluate::Evaluation evaluation = recordedEvaluation("fleet_evaluation_regression.json");
    const EvaluateScreen screen = makeEvaluateScreen(evaluation);
    EXPECT_FALSE(screen.confusion.has_value());
    EXPECT_FALSE(screen.classes.has_value());
    ASSERT_EQ(screen.curves.size(), 4U);
    const evaluate::ErrorResult& errors = *evaluation.candidate.errors;
    const CurveCard &predictions = screen.curves[0], &residuals = screen.curves[1], &tenths = screen.curves[2],
                    &distribution = screen.curves[3];
    ASSERT_EQ(predictions.lines.at(0).points.size(), errors.sample.size());
    EXPECT_TRUE(predictions.lines[0].dots);
    EXPECT_EQ(predictions.x.low, predictions.y.low) << "the diagonal is where both are equal";
    EXPECT_NEAR(residuals.lines.at(0).points[0].y, errors.sample[0].y - errors.sample[0].x, 1e-12);
    EXPECT_EQ(residuals.level, 0.0);
    EXPECT_EQ(tenths.lines.size(), 2U);
    EXPECT_EQ(tenths.lines[1].points.size(), errors.bins.size());
    // The candidate's outline holds all of its rows: heights are percent of a bin.
    double percent = 0;
    for (std::size_t point = 0; point < distribution.lines.at(1).points.size(); point += 2)
        percent += distribution.lines[1].points[point].y;
    EXPECT_NEAR(percent, 100, 1e-9);
    for (const CurveCard& card : screen.curves) {
        EXPECT_TRUE(card.emptyText.empty());
        for (const CurveCard::Line& line : card.lines)
            for (const CurvePoint& point : line.points) {
                EXPECT_GE(point.x, card.x.low);
                EXPECT_LE(point.x, card.x.high);
                EXPECT_GE(point.y, card.y.low);
                EXPECT_LE(point.y, card.y.high);
            }
    }
}

TEST(EvaluateScreen, ARegressionWithoutRowsSaysSo) {
    evaluate::Evaluation evaluation = recordedEvaluation("fleet_evaluation_regression.json");
    evaluation.candidate.errors = evaluate::ErrorResult{};
    evaluation.baseline.reset();
    for (const CurveCard& card : makeEvaluateScreen(evaluation).curves)
        EXPECT_FALSE(card.emptyText.empty()) << card.title.english();
}

} // namespace
} // namespace perch::present
