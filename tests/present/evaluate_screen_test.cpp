#include "core/present/evaluate_screen.h"

#include "core/base/json.h"
#include "core/base/number_format.h"
#include "core/evaluate/evaluation_json.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::present {
namespace {

using test::valueOf;

evaluate::Evaluation recordedEvaluation() {
    const auto file = test::sourceFolder() / "tests" / "fixtures" / "fleet_evaluation.json";
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

} // namespace
} // namespace perch::present
