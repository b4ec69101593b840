#include "core/drift/drift_json.h"
#include "core/drift/model_scores.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <random>

namespace perch::drift {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

/// A model of one number `x`: the score is the logistic of x plus a bias.
class LogisticModel final : public model::Predictor {
public:
    explicit LogisticModel(float bias) : m_bias(bias) {
        m_package.card.label = "paid";
        m_package.card.classes = {"no", "yes"};
        m_package.transform = data::RowTransform({{.name = "x"}});
        m_package.reference.features = {{.feature = "x", .importance = 1}};
    }
    const model::Package& package() const override { return m_package; }
    std::size_t outputs() const override { return 1; }
    Result<std::vector<float>> score(std::span<const float> rows) const override {
        std::vector<float> scores;
        for (const float x : rows)
            scores.push_back(1 / (1 + std::exp(-x - m_bias)));
        return scores;
    }
    Result<std::vector<float>> margins(std::span<const float> rows) const override {
        std::vector<float> margins;
        for (const float x : rows)
            margins.push_back(x + m_bias);
        return margins;
    }
    Result<std::vector<float>> contributions(std::span<const float> rows) const override {
        std::vector<float> contributions;
        for (const float x : rows)
            contributions.insert(contributions.end(), {x, m_bias});
        return contributions;
    }
    model::Prediction decide(std::span<const float> scores) const override {
        return {scores[0], scores[0] >= 0.5F ? 1U : 0U, 1};
    }

private:
    float m_bias;
    model::Package m_package;
};

/// Rows of x around `mean` whose labels follow the model with another bias.
ScoredSide makeSide(std::uint64_t seed, std::size_t rows, double mean, double bias) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(mean, 1.5);
    std::uniform_real_distribution<double> uniform;
    ScoredSide side;
    for (std::size_t i = 0; i < rows; ++i) {
        const double x = normal(random);
        side.scores.push_back(static_cast<float>(1 / (1 + std::exp(-x))));
        side.labels.push_back(uniform(random) < 1 / (1 + std::exp(-x - bias)));
    }
    return side;
}

TEST(ConceptDrift, MovedInputsAloneAreNone) {
    const ConceptDrift drift = *measureConceptDrift(makeSide(1, 20'000, 0, 0), makeSide(2, 20'000, 1, 0), 0.5, 0.05);
    EXPECT_NEAR(drift.change->value, 0, 0.01);
    EXPECT_GT(std::abs(drift.error.value), 0.01) << "the error rate moves with the inputs";
    EXPECT_NEAR(drift.currentGap, 0, 0.01);
}

TEST(ConceptDrift, AnotherMeaningOfTheSameInputsIsFound) {
    const ConceptDrift drift = *measureConceptDrift(makeSide(1, 5'000, 0, 0), makeSide(2, 5'000, 0, 1), 0.5, 0.05);
    EXPECT_TRUE(drift.drifted);
    EXPECT_GT(drift.change->interval.low, 0.05);
    EXPECT_GT(drift.currentGap, 0.05);
    EXPECT_THAT(drift.reason, HasSubstr("error rate went from"));
}

TEST(ConceptDrift, NothingChangedIsFoundAsRarelyAsItSays) {
    int alarms = 0;
    for (std::uint64_t seed = 0; seed < 60; ++seed)
        alarms += measureConceptDrift(makeSide(2 * seed + 100, 1'000, 0, 0), makeSide(2 * seed + 101, 1'000, 0, 0), 0.5, 0.05)
                      ->drifted;
    EXPECT_LE(alarms, 7); // 3 of 60 are expected at most
}

TEST(ConceptDrift, NeedsLabels) {
    ScoredSide unlabelled = makeSide(2, 50, 0, 0);
    unlabelled.labels.assign(50, kUnlabelled);
    EXPECT_FALSE(measureConceptDrift(makeSide(1, 50, 0, 0), unlabelled, 0.5, 0.05).has_value());
    EXPECT_FALSE(measureConceptDrift({}, {}, 0.5, 0.05).has_value());
}

TEST(EstimatedPerformance, ForetellsTheRealizedOneUnderMovedInputs) {
    ScoredSide current = makeSide(4, 20'000, 0.7, 0);
    const PerformanceEstimate estimate = *estimateOn(makeSide(3, 20'000, 0, 0), current, 0.5);
    for (std::size_t m = 0; m < stats::kEstimatedMetrics; ++m) {
        EXPECT_NEAR(estimate.current.metrics[m]->value, *estimate.realized[m], 0.015) << stats::kEstimatedMetricNames[m];
        EXPECT_NEAR(*estimate.checkEstimated[m], *estimate.checkRealized[m], 0.015);
    }
    const auto& accuracy = *estimate.current.metrics[0];
    EXPECT_LT(accuracy.interval->high - accuracy.interval->low, 0.02);
    EXPECT_LT(*estimate.calibrationError, 0.02);
}

TEST(EstimatedPerformance, RecalibratesScoresThatAreNoProbabilities) {
    // The scores miss a bias of 1.5; the reference's labels tell.
    const PerformanceEstimate estimate = *estimateOn(makeSide(5, 20'000, 0, 1.5), makeSide(6, 20'000, 0.5, 1.5), 0.5);
    EXPECT_TRUE(estimate.calibrated);
    EXPECT_NEAR(estimate.current.metrics[0]->value, *estimate.realized[0], 0.02);
    ScoredSide unlabelled = makeSide(5, 1'000, 0, 1.5);
    unlabelled.labels.clear();
    const PerformanceEstimate unchecked = *estimateOn(unlabelled, makeSide(6, 1'000, 0.5, 1.5), 0.5);
    EXPECT_FALSE(unchecked.calibrated);
    EXPECT_THAT(unchecked.reason, HasSubstr("Not checked"));
    EXPECT_FALSE(unchecked.checkRealized[0].has_value());
    EXPECT_FALSE(estimateOn({}, {}, 0.5).has_value());
}

class ModelDriftTest : public testing::Test {
protected:
    spec::SourceSpec write(const char* name, std::uint64_t seed, double mean, double bias, bool labels) {
        std::mt19937_64 random(seed);
        std::normal_distribution<double> normal(mean, 1.5);
        std::uniform_real_distribution<double> uniform;
        std::string text = labels ? "x,paid,other\n" : "x,other\n";
        for (int row = 0; row < 2'000; ++row) {
            const double x = normal(random);
            const bool paid = uniform(random) < 1 / (1 + std::exp(-x - bias));
            text += labels ? fmt::format("{},{},a\n", x, paid ? "yes" : "no") : fmt::format("{},b\n", x);
        }
        valueOf(writeFileAtomically(m_folder / name, text));
        return data::sourceOfPath((m_folder / name).string());
    }
    Result<ModelDrift> measure(const spec::SourceSpec& a, const spec::SourceSpec& b, const DriftOptions& options = {}) {
        return measureModelDrift(a, b, {&m_model, &m_other, "other"}, options, {.clock = &m_clock}, {});
    }

    test::Folder m_folder;
    RealClock m_clock;
    LogisticModel m_model{0}, m_other{2};
};

TEST_F(ModelDriftTest, ComparesFeaturesScoresModelsAndMeaning) {
    const ModelDrift drift = valueOf(measure(write("a.csv", 1, 0, 0, true), write("b.csv", 2, 0, 2, true)));
    ASSERT_EQ(drift.report.columns.size(), 3U) << "only what the model reads, its label and its score";
    EXPECT_EQ(drift.report.columns[0].name, "x");
    EXPECT_EQ(drift.report.columns[1].role, ColumnRole::Label);
    EXPECT_EQ(drift.report.columns[2].role, ColumnRole::Prediction);
    EXPECT_EQ(drift.report.drifted, false);
    EXPECT_TRUE(drift.conceptDrift->drifted);
    EXPECT_GT(*drift.against->scores.score, 0.25);
    EXPECT_LT(*drift.against->agreement, 0.8);
    EXPECT_GT(drift.against->meanDifference, 0.1);
    const nlohmann::json document = toJson(drift);
    for (const char* key : {"dataset", "features", "label", "prediction", "against", "concept", "estimate"})
        EXPECT_TRUE(document.at(key).is_object() || document.at(key).is_array()) << key;
}

TEST_F(ModelDriftTest, WithoutLabelsEstimatesAreNotChecked) {
    const auto reference = write("a.csv", 1, 0, 0, true), current = write("b.csv", 2, 0.5, 0, false);
    const ModelDrift drift = valueOf(measure(reference, current));
    EXPECT_FALSE(drift.conceptDrift.has_value());
    EXPECT_FALSE(drift.estimate->realized[0].has_value());
    EXPECT_TRUE(toJson(drift).at("concept").is_null());
    EXPECT_THAT(measure(reference, current, {.label = "paid"}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("b.csv has no column \"paid\"")));
}

TEST_F(ModelDriftTest, NamesALabelThatIsNoClass) {
    valueOf(writeFileAtomically(m_folder / "c.csv", "x,paid\n1,yes\n2,maybe\n"));
    EXPECT_THAT(measure(write("a.csv", 1, 0, 0, true), data::sourceOfPath((m_folder / "c.csv").string())),
                failsWith(ErrorCode::InvalidInput, HasSubstr("'maybe'")));
}

} // namespace
} // namespace perch::drift
