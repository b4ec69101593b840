#include "core/evaluate/evaluated_model.h"
#include "core/evaluate/evaluation_report.h"
#include "tests/support/test_support.h"

namespace perch::evaluate {
namespace {

using test::valueOf;
using testing::HasSubstr;
using testing::Not;

Evaluation hostileEvaluation() {
    const std::vector<float> scores{0.1F, 0.4F, 0.6F, 0.9F, 0.3F, 0.8F};
    const std::vector<std::uint8_t> labels{0, 0, 1, 1, 1, 0};
    EvaluationOptions options;
    options.resamples = 50;
    Evaluation evaluation;
    evaluation.model = valueOf(ModelName::parse("churn"));
    evaluation.label = "<b>label</b>";
    evaluation.positive = "\"><script>alert(1)</script>";
    evaluation.data = "x'><img src=y>.csv";
    evaluation.rows = 6;
    evaluation.positives = 3;
    evaluation.candidate = valueOf(evaluateScores(scores, labels, 0.5, options, {}));
    evaluation.candidate.title = "<v2>";
    evaluation.candidate.thresholdRule = "<rule>";
    evaluation.candidate.importance = {{"<feature>", 1.0, 0.5, {}}};
    evaluation.baseline = evaluation.candidate;
    evaluation.baseline->title = "<v1>";
    evaluation.comparison = Comparison{.reason = "<reason>"};
    evaluation.slices = {{.name = "<slice>", .rows = 60}};
    evaluation.fairness = Fairness{.column = "<column>", .groups = {{.group = "= <group>", .rows = 2}}};
    evaluation.warnings = {"<warning>"};
    return evaluation;
}

TEST(EvaluationReport, EscapesEverythingThatComesFromData) {
    const std::string html = makeReport(hostileEvaluation());
    for (const char* raw : {"<b>label", "<script", "<img", "<v2>", "<v1>", "<rule>", "<feature>", "<reason>", "<slice>",
                            "<column>", "<group>", "<warning>"})
        EXPECT_THAT(html, Not(HasSubstr(raw))) << raw;
    EXPECT_THAT(html, HasSubstr("&quot;&gt;&lt;script&gt;"));
}

TEST(EvaluationReport, StandsAloneAndShowsEveryMetric) {
    const std::string html = makeReport(hostileEvaluation());
    EXPECT_THAT(html, testing::StartsWith("<!DOCTYPE html>"));
    for (const char* outside : {"http://", "https://", "<link", "src=\"", "url(", "@import"})
        EXPECT_THAT(html, Not(HasSubstr(outside))) << outside;
    for (const char* part :
         {"ROC AUC", "Brier score", "Calibration error", "<polyline fill=\"none\" stroke=\"#8436B8\"",
          "<polyline fill=\"none\" stroke=\"#3F5270\"", "True negative", "@media print"})
        EXPECT_THAT(html, HasSubstr(part));
}

TEST(EvaluationReport, OneClassIsSaidNotDrawn) {
    EvaluationOptions options;
    options.resamples = 10;
    Evaluation evaluation;
    evaluation.model = valueOf(ModelName::parse("churn"));
    evaluation.rows = evaluation.positives = 2;
    evaluation.candidate =
        valueOf(evaluateScores(std::vector<float>{0.2F, 0.9F}, std::vector<std::uint8_t>{1, 1}, 0.5, options, {}));
    const std::string html = makeReport(evaluation);
    EXPECT_THAT(html, HasSubstr("Undefined: the rows hold one class only."));
    EXPECT_THAT(html, Not(HasSubstr("nan")));
}

} // namespace
} // namespace perch::evaluate
