#include "core/stats/binary_bootstrap.h"
#include "core/stats/delong.h"
#include "core/stats/multiclass_metrics.h"
#include "core/stats/psi.h"
#include "core/stats/regression_metrics.h"
#include "core/stats/two_sample.h"
#include "tests/stats/reference_file.h"

/// Our numbers against those of scikit-learn and SciPy (tests/fixtures/make_metric_reference.py).
namespace perch::stats {
namespace {

using nlohmann::json;

const json& metricReference() {
    static const json document = referenceFile("metric_reference.json");
    return document;
}

TEST(MetricReference, BinaryMetricsAreThoseOfScikitLearn) {
    constexpr const char* kNames[] = {"accuracy", "precision", "recall",           "f1", "roc_auc", "pr_auc",
                                      "log_loss", "brier",     "calibration_error"};
    for (const json& expected : metricReference().at("binary")) {
        const auto scores = listOf<float>(expected.at("scores"));
        const auto labels = listOf<std::uint8_t>(expected.at("labels"));
        const auto values =
            binaryMetrics(ScoreCells::exactFrom(scores, labels), expected.at("threshold").get<double>());
        for (std::size_t m = 0; m < kBinaryMetrics; ++m) {
            const json& value = expected.at(kNames[m]);
            ASSERT_EQ(values[m].has_value(), !value.is_null()) << expected.at("name") << ' ' << kNames[m];
            if (values[m]) {
                EXPECT_NEAR(*values[m], value.get<double>(), kSameAsReference)
                    << expected.at("name") << ' ' << kNames[m];
            }
        }
    }
}

TEST(MetricReference, MulticlassMetricsAreThoseOfScikitLearn) {
    constexpr const char* kNames[] = {"accuracy", "macro_precision", "macro_recall", "macro_f1", "weighted_f1",
                                      "roc_auc",  "pr_auc",          "log_loss",     "brier",    "calibration_error"};
    for (const json& expected : metricReference().at("multiclass")) {
        const auto scores = listOf<float>(expected.at("scores"));
        const auto labels = listOf<std::uint8_t>(expected.at("labels"));
        const auto classes = expected.at("classes").get<std::size_t>();
        const MetricList values = multiclassMetrics(scores, classes, labels);
        for (std::size_t m = 0; m < kMulticlassMetrics; ++m)
            EXPECT_NEAR(values[m].value(), expected.at(kNames[m]).get<double>(), kSameAsReference)
                << expected.at("name") << ' ' << kNames[m];
        // scikit-learn makes the rows of 32-bit floats add up to 1 before it takes the logarithm.
        EXPECT_NEAR(values[static_cast<std::size_t>(MulticlassMetric::LogLoss)].value(),
                    expected.at("sklearn_log_loss").get<double>(), 1e-6);
        EXPECT_EQ(confusionCounts(scores, classes, labels), listOf<std::uint64_t>(expected.at("confusion")));
    }
}

TEST(MetricReference, RegressionMetricsAreThoseOfScikitLearn) {
    constexpr const char* kNames[] = {"mae", "rmse", "r2", "within_tolerance"};
    for (const json& expected : metricReference().at("regression")) {
        const MetricList values = regressionMetrics(
            listOf<float>(expected.at("predicted")), listOf<double>(expected.at("truth")),
            {.value = expected.at("tolerance").get<double>(), .relative = expected.at("relative").get<bool>()});
        for (std::size_t m = 0; m < kRegressionMetrics; ++m) {
            const double value = expected.at(kNames[m]).get<double>();
            EXPECT_NEAR(values[m].value(), value, kSameAsReference * std::max(1.0, std::abs(value)))
                << expected.at("name") << ' ' << kNames[m];
        }
    }
}

TEST(MetricReference, DeLongIsThatOfThePaper) {
    for (const json& expected : metricReference().at("delong")) {
        const auto difference = *delong(listOf<float>(expected.at("candidate")), listOf<float>(expected.at("baseline")),
                                        listOf<std::uint8_t>(expected.at("labels")));
        EXPECT_NEAR(difference.value, expected.at("value").get<double>(), kSameAsReference);
        EXPECT_NEAR(difference.standardError, expected.at("standard_error").get<double>(), kSameAsReference);
        EXPECT_NEAR(difference.p, expected.at("p").get<double>(), 1e-8);
    }
}

TEST(MetricReference, DistancesBetweenCounts) {
    for (const json& expected : metricReference().at("counts")) {
        const auto a = listOf<std::uint64_t>(expected.at("reference"));
        const auto b = listOf<std::uint64_t>(expected.at("current"));
        EXPECT_NEAR(*psiUncorrected(a, b), expected.at("psi").get<double>(), kSameAsReference);
        EXPECT_NEAR(*psi(a, b), expected.at("corrected").get<double>(), kSameAsReference);
        EXPECT_NEAR(*jensenShannonDistance(a, b), expected.at("jensen_shannon").get<double>(), kSameAsReference);
    }
}

TEST(MetricReference, WilsonAndTheFairCoin) {
    for (const json& expected : metricReference().at("shares")) {
        const auto interval =
            *wilsonInterval(expected.at("successes").get<std::uint64_t>(), expected.at("trials").get<std::uint64_t>());
        EXPECT_NEAR(interval.low, expected.at("low").get<double>(), kSameAsReference);
        EXPECT_NEAR(interval.high, expected.at("high").get<double>(), kSameAsReference);
    }
    for (const json& expected : metricReference().at("coins"))
        EXPECT_NEAR(fairCoinTwoSided(expected.at("a").get<std::uint64_t>(), expected.at("b").get<std::uint64_t>()),
                    expected.at("p").get<double>(), kSameAsReference);
}

TEST(MetricReference, TwoSamples) {
    for (const json& expected : metricReference().at("samples")) {
        const auto a = listOf<double>(expected.at("reference")), b = listOf<double>(expected.at("current"));
        const TestResult test = *kolmogorovSmirnov(a, b);
        EXPECT_NEAR(test.statistic, expected.at("ks").get<double>(), kSameAsReference) << expected.at("name");
        EXPECT_NEAR(test.p, expected.at("ks_p").get<double>(), kSameAsReference) << expected.at("name");
        EXPECT_NEAR(*wasserstein(a, b), expected.at("wasserstein").get<double>(), kSameAsReference);
        EXPECT_NEAR(*normedWasserstein(a, b), expected.at("normed_wasserstein").get<double>(), kSameAsReference);
    }
}

TEST(MetricReference, ChiSquare) {
    for (const json& expected : metricReference().at("chi_square")) {
        const TestResult test =
            *chiSquare(listOf<std::uint64_t>(expected.at("reference")), listOf<std::uint64_t>(expected.at("current")));
        EXPECT_NEAR(test.statistic, expected.at("statistic").get<double>(), kSameAsReference);
        EXPECT_NEAR(test.p, expected.at("p").get<double>(), 1e-12);
    }
}

} // namespace
} // namespace perch::stats
