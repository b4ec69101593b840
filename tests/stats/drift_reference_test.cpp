#include "core/stats/estimated_performance.h"
#include "core/stats/isotonic.h"
#include "core/stats/kolmogorov.h"
#include "core/stats/multiple_tests.h"
#include "core/stats/share_difference.h"
#include "core/stats/stratified_change.h"
#include "core/stats/two_sample.h"
#include "tests/stats/reference_file.h"

/// Our numbers against those of SciPy, statsmodels, scikit-learn and NannyML (tests/fixtures/make_drift_reference.py).
namespace perch::stats {
namespace {

using nlohmann::json;

const json& driftReference() {
    static const json document = referenceFile("drift_reference.json");
    return document;
}

void expectNear(const std::vector<double>& values, const std::vector<double>& expected) {
    ASSERT_EQ(values.size(), expected.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        EXPECT_NEAR(values[i], expected[i], kSameAsReference) << i;
}

TEST(DriftReference, AdjustedP) {
    for (const json& expected : driftReference().at("multiple")) {
        const auto p = listOf<double>(expected.at("p"));
        expectNear(adjustByBenjaminiHochberg(p), listOf<double>(expected.at("hochberg")));
        expectNear(adjustByBenjaminiYekutieli(p), listOf<double>(expected.at("yekutieli")));
    }
    EXPECT_TRUE(adjustByBenjaminiYekutieli({}).empty());
}

TEST(DriftReference, Homogeneity) {
    for (const json& expected : driftReference().at("homogeneity")) {
        const TestResult test = *chiSquareHomogeneity(listOf<std::uint64_t>(expected.at("reference")),
                                                      listOf<std::uint64_t>(expected.at("current")));
        EXPECT_NEAR(test.statistic, expected.at("statistic").get<double>(), kSameAsReference);
        EXPECT_NEAR(test.p, expected.at("p").get<double>(), kSameAsReference);
    }
}

TEST(DriftReference, ShareDifferences) {
    for (const json& expected : driftReference().at("shares")) {
        const auto count = [&](const char* name) { return expected.at(name).get<std::uint64_t>(); };
        const auto difference =
            *shareDifference(count("before"), count("rows_before"), count("after"), count("rows_after"));
        EXPECT_NEAR(difference.interval.low, expected.at("low").get<double>(), kSameAsReference);
        EXPECT_NEAR(difference.interval.high, expected.at("high").get<double>(), kSameAsReference);
    }
    EXPECT_EQ(shareDifference(0, 0, 1, 2), std::nullopt);
}

TEST(DriftReference, KolmogorovsDistribution) {
    for (const json& expected : driftReference().at("kolmogorov"))
        EXPECT_NEAR(kolmogorovUpperTail(expected.at("n").get<std::uint64_t>(), expected.at("d").get<double>()),
                    expected.at("p").get<double>(), 1e-6) // above 140 SciPy approximates (Pelz and Good)
            << expected;
}

TEST(DriftReference, IsotonicCalibration) {
    for (const json& expected : driftReference().at("isotonic")) {
        const auto fit = *IsotonicCalibration::fit(listOf<float>(expected.at("scores")),
                                                   listOf<std::uint8_t>(expected.at("labels")));
        std::vector<double> shares;
        for (const float score : listOf<float>(expected.at("at")))
            shares.push_back(fit.at(score));
        expectNear(shares, listOf<double>(expected.at("shares")));
    }
    EXPECT_FALSE(IsotonicCalibration::fit({}, {}).has_value());
}

TEST(DriftReference, StratifiedChange) {
    for (const json& expected : driftReference().at("stratified")) {
        std::vector<Stratum> strata;
        for (const json& table : expected.at("tables"))
            strata.push_back({table[0][0], table[0][1], table[1][0], table[1][1]});
        EXPECT_NEAR(stratifiedChange(strata)->p, expected.at("p").get<double>(), kSameAsReference);
    }
    EXPECT_FALSE(stratifiedChange(std::vector<Stratum>{{5, 1, 0, 0}}).has_value());
}

TEST(DriftReference, EstimatedPerformanceIsThatOfNannyMl) {
    const json document = referenceFile("estimate_reference.json");
    for (const json& expected : document.at("cases")) {
        const auto estimate =
            *estimatePerformance(listOf<double>(expected.at("probabilities")), listOf<float>(expected.at("scores")),
                                 expected.at("threshold").get<double>());
        for (std::size_t m = 0; m < kEstimatedMetrics; ++m) {
            const std::string name(kEstimatedMetricNames[m]);
            EXPECT_NEAR(estimate.metrics[m]->value, expected.at(name).get<double>(),
                        name == "roc_auc" ? 1e-5 : kSameAsReference)
                << expected.at("name") << ' ' << name;
        }
    }
}

} // namespace
} // namespace perch::stats
