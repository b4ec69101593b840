#include "core/data/table_encoder.h"
#include "core/model/predict/predictor.h"
#include "core/model/training_capsule.h"
#include "tests/model/training_fixture.h"

#include <nlohmann/json.hpp>

#include <set>

namespace perch::model {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;

class TrainingTask : public test::TrainingFixture {
protected:
    /// The noisy table with another column as its label `y`.
    data::Table labelled(const char* column, data::FieldType type) {
        std::string text = noisyText(900);
        const std::size_t header = text.find('\n');
        std::string head = text.substr(0, header);
        head.replace(head.find(",y,"), 3, ",old,");
        head.replace(head.find(std::string(",") + column), 2, ",y");
        return readText(head + text.substr(header), type);
    }
    TrainRequest requestFor(const data::Table& table) {
        TrainRequest made = request(table);
        made.noFeatures = {"old", "z", "k"};
        return made;
    }
    std::unique_ptr<Predictor> roundTrip(const TrainOutcome& outcome) {
        valueOf(writePackage(outcome.parts, m_folder / "package"));
        return valueOf(Predictor::create(*m_library, valueOf(Package::load(m_folder / "package"))));
    }
};

TEST_F(TrainingTask, MultiClassFollowsFromTheLabel) {
    const data::Table table = labelled("k", data::FieldType::Category);
    const TrainOutcome outcome = valueOf(train(*m_library, requestFor(table)));
    const ModelCard& card = outcome.parts.card;
    EXPECT_EQ(card.task, Task::MultiClass);
    EXPECT_EQ(card.classes, (std::vector<std::string>{"k0", "k1", "k2"}));
    EXPECT_GT(card.metrics.at("accuracy"), 0.95);
    EXPECT_GT(card.metrics.at("macro_f1"), 0.95);
    EXPECT_LT(card.metrics.at("log_loss"), 0.2);
    EXPECT_FALSE(card.metrics.contains("roc_auc"));

    const auto predictor = roundTrip(outcome);
    EXPECT_EQ(predictor->package().card.task, Task::MultiClass);
    EXPECT_EQ(predictor->outputs(), 3U);
    const data::TableEncoder encoder = valueOf(data::TableEncoder::create(table, predictor->package().transform));
    const std::vector<float> scores = valueOf(predictor->score(encoder.encode(data::allRows(2))));
    ASSERT_EQ(scores.size(), 6U);
    EXPECT_NEAR(scores[0] + scores[1] + scores[2], 1, 1e-5);
    const Prediction answer = predictor->decide(std::span(scores).first(3));
    EXPECT_EQ(answer.score, scores[answer.classIndex]);
    EXPECT_GT(answer.confidence, 1.0 / 3);
}

TEST_F(TrainingTask, RegressionPredictsNumbers) {
    const data::Table table = labelled("z", data::FieldType::Number);
    TrainRequest regression = requestFor(table);
    regression.training.task = spec::Task::Regression;
    const TrainOutcome outcome = valueOf(train(*m_library, regression));
    const ModelCard& card = outcome.parts.card;
    EXPECT_EQ(card.task, Task::Regression);
    EXPECT_TRUE(card.classes.empty());
    EXPECT_LT(card.metrics.at("rmse"), 0.2);
    EXPECT_LE(card.metrics.at("mae"), card.metrics.at("rmse"));
    EXPECT_GT(card.metrics.at("r2"), 0.9);
    const auto predictor = roundTrip(outcome);
    EXPECT_EQ(predictor->outputs(), 1U);
    EXPECT_EQ(predictor->decide(2.5F).score, 2.5F);
}

/// tests/fixtures/make_training_reference.py
TEST_F(TrainingTask, OtherTasksGiveTheFiguresOfThePythonPackages) {
    const auto read = [&](const char* name, const char* label, data::FieldType type) {
        const auto file = std::filesystem::path(test::tableFile(name));
        return valueOf(
            data::readTable(data::sourceOfPath(file.string()), {.clock = &m_clock}, {.declared = {{label, type}}}));
    };
    const data::Table churn = read("wa_churn.csv", "contract", data::FieldType::Category);
    TrainRequest contract{.model = valueOf(ModelName::parse("m")), .table = &churn, .label = "contract"};
    contract.training.rounds = 60;
    contract.clock = &m_clock;
    const auto classes = valueOf(train(*m_library, contract)).parts.card.metrics;
    EXPECT_NEAR(classes.at("accuracy"), 0.74450, 0.00001);
    EXPECT_NEAR(classes.at("macro_f1"), 0.66142, 0.00001);
    EXPECT_NEAR(classes.at("log_loss"), 0.57339, 0.00002);

    const data::Table credit = read("credit_data.csv", "Price", data::FieldType::Number);
    TrainRequest price{.model = contract.model, .table = &credit, .label = "Price", .training = contract.training};
    price.clock = &m_clock;
    price.training.task = spec::Task::Regression;
    price.training.split = {.kind = spec::SplitSpec::Kind::Time, .column = "Seniority"};
    const TrainOutcome regression = valueOf(train(*m_library, price));
    const auto& errors = regression.parts.card.metrics;
    EXPECT_EQ(regression.test.size(), 995U);
    EXPECT_NEAR(errors.at("mae"), 273.5273, 0.01);
    EXPECT_NEAR(errors.at("rmse"), 383.1609, 0.01);
    EXPECT_NEAR(errors.at("r2"), 0.64846, 0.00002);
}

TEST_F(TrainingTask, NumbersAsClassesMustBeDeclared) {
    const data::Table table = labelled("z", data::FieldType::Category);
    EXPECT_THAT(train(*m_library, requestFor(table)),
                failsWith(ErrorCode::InvalidInput, HasSubstr("different numbers; declare the task, regression or")));
    TrainRequest regression = requestFor(table);
    regression.training.task = spec::Task::Regression;
    EXPECT_THAT(train(*m_library, regression),
                failsWith(ErrorCode::InvalidInput, HasSubstr("a regression needs numbers")));
}

TEST_F(TrainingTask, WeightsMoveTheDecision) {
    const data::Table table = readText(noisyText(900));
    const double plain = valueOf(train(*m_library, request(table))).parts.card.metrics.at("recall");
    TrainRequest weighted = request(table);
    weighted.training.classWeights = {{"yes", 20}};
    EXPECT_GT(valueOf(train(*m_library, weighted)).parts.card.metrics.at("recall"), plain + 0.05);
    weighted.training.classWeights = {{"maybe", 20}};
    EXPECT_THAT(train(*m_library, weighted),
                failsWith(ErrorCode::InvalidInput, HasSubstr("\"maybe\"; the label has the classes no, yes")));

    TrainRequest byRow = request(table);
    byRow.training.weightColumn = "w";
    const TrainOutcome outcome = valueOf(train(*m_library, byRow));
    EXPECT_FALSE(outcome.parts.transform.find("w").has_value()) << "a weight is no feature";
    TrainRequest unweighted = request(table);
    unweighted.noFeatures.insert("w");
    EXPECT_NE(outcome.parts.booster, valueOf(train(*m_library, unweighted)).parts.booster);
    byRow.training.weightColumn = "c";
    EXPECT_THAT(train(*m_library, byRow), failsWith(ErrorCode::InvalidInput, HasSubstr("\"c\" does not hold numbers")));
}

TEST_F(TrainingTask, BalancedClassesWeighTheSame) {
    const data::Table table = readText(noisyText(900));
    TrainRequest balanced = request(table);
    balanced.training.balanceClasses = true;
    EXPECT_NE(valueOf(train(*m_library, balanced)).parts.booster,
              valueOf(train(*m_library, request(table))).parts.booster);
}

TEST_F(TrainingTask, AMonotoneModelNeverFallsWithItsFeature) {
    const data::Table table = readText(noisyText(900));
    TrainRequest monotone = request(table, 60);
    monotone.training.monotone = {{"a", 1}};
    const auto predictor = roundTrip(valueOf(train(*m_library, monotone)));
    const data::RowTransform& transform = predictor->package().transform;
    float before = 0;
    for (int i = 0; i <= 50; ++i) {
        std::vector<float> row(transform.width(), 0.5F);
        row[*transform.find("c")] = 0;
        row[*transform.find("a")] = static_cast<float>(i) / 50;
        const float score = valueOf(predictor->score(row)).at(0);
        EXPECT_GE(score, before) << i;
        before = score;
    }
    monotone.training.monotone = {{"c", 1}};
    EXPECT_THAT(train(*m_library, monotone), failsWith(ErrorCode::InvalidInput, HasSubstr("have no order")));
    monotone.training.monotone = {{"nothing", 1}};
    EXPECT_THAT(train(*m_library, monotone), failsWith(ErrorCode::InvalidInput, HasSubstr("is not a feature")));
}

TEST_F(TrainingTask, SplitsByTimeAndGroupDoNotOverlap) {
    const data::Table table = readText(noisyText(900));
    const data::Column& times = *valueOf(table.column("t"));
    TrainRequest byTime = request(table);
    byTime.training.split = {.kind = spec::SplitSpec::Kind::Time, .column = "t"};
    const TrainOutcome newest = valueOf(train(*m_library, byTime));
    EXPECT_FALSE(newest.parts.transform.find("t").has_value());
    const Capsule capsule = valueOf(parseCapsule(newest.parts.capsule, "capsule.json"));
    const double until = std::get<double>(capsule.trainedUntil);
    for (const std::uint32_t row : newest.test)
        EXPECT_GT(times.numbers[row], until);
    EXPECT_EQ(newest.test.size(), 180U);

    const data::Column& groups = *valueOf(table.column("g"));
    TrainRequest byGroup = request(table);
    byGroup.training.split = {.kind = spec::SplitSpec::Kind::Group, .column = "g"};
    const TrainOutcome grouped = valueOf(train(*m_library, byGroup));
    std::set<double> tested;
    for (const std::uint32_t row : grouped.test)
        tested.insert(groups.numbers[row]);
    std::size_t rows = 0;
    for (const double group : groups.numbers)
        rows += tested.contains(group);
    EXPECT_EQ(rows, grouped.test.size()) << "whole groups";
}

struct Findings final : TrainingWatch {
    std::vector<ValidationResult> candidates;
    std::optional<ValidationResult> folds;
    Result<void> searched(const std::vector<ValidationResult>& found) override {
        candidates = found;
        return {};
    }
    Result<void> validated(const ValidationResult& result) override {
        folds = result;
        return {};
    }
};

TEST_F(TrainingTask, CrossValidationTellsMeanAndDeviation) {
    const data::Table table = readText(noisyText(600));
    for (const spec::SplitSpec& split :
         {spec::SplitSpec{}, spec::SplitSpec{.kind = spec::SplitSpec::Kind::Time, .column = "t"},
          spec::SplitSpec{.kind = spec::SplitSpec::Kind::Group, .column = "g"}}) {
        TrainRequest folded = request(table, 10);
        folded.training.folds = 4;
        folded.training.split = split;
        Findings findings;
        const TrainOutcome outcome = valueOf(train(*m_library, folded, &findings));
        ASSERT_TRUE(findings.folds.has_value());
        EXPECT_EQ(findings.folds->folds.size(), 4U);
        EXPECT_GT(findings.folds->deviation, 0);
        EXPECT_NEAR(findings.folds->mean, outcome.parts.card.metrics.at("log_loss"), 0.15);
    }
}

TEST_F(TrainingTask, SearchKeepsTheBestOfItsCandidates) {
    const data::Table table = readText(noisyText(600));
    TrainRequest searching = request(table, 20);
    searching.training.search = {.candidates = 6, .folds = 2};
    Findings findings;
    const TrainOutcome outcome = valueOf(train(*m_library, searching, &findings));
    ASSERT_EQ(findings.candidates.size(), 6U);
    EXPECT_EQ(std::ranges::count(findings.candidates, true, &ValidationResult::pruned), 4);
    EXPECT_EQ(findings.candidates[0].rounds, 20U);
    EXPECT_LE(findings.candidates[0].mean, findings.candidates[1].mean);
    EXPECT_EQ(findings.candidates[5].rounds, 5U);
    const Capsule capsule = valueOf(parseCapsule(outcome.parts.capsule, "capsule.json"));
    EXPECT_EQ(fmt::format("{}", capsule.training.learningRate), findings.candidates[0].parameters.at("eta"));
    EXPECT_EQ(capsule.training.search.candidates, 0U) << "repeating it takes what was found";
    Findings again;
    EXPECT_EQ(valueOf(train(*m_library, searching, &again)).parts.booster, outcome.parts.booster);
}

TEST_F(TrainingTask, TheCapsuleIsReadBackAndTellsWhatDiffers) {
    const data::Table table = readText(noisyText(600));
    TrainRequest request = this->request(table);
    request.training.monotone = {{"a", 1}};
    request.training.classWeights = {{"yes", 2}};
    request.ignored = {"id"};
    const TrainOutcome outcome = valueOf(train(*m_library, request));
    const Capsule capsule = valueOf(parseCapsule(outcome.parts.capsule, "capsule.json"));
    EXPECT_EQ(capsule.label, "y");
    EXPECT_EQ(capsule.positive, "yes");
    EXPECT_EQ(capsule.training.monotone, request.training.monotone);
    EXPECT_EQ(capsule.training.classWeights, request.training.classWeights);
    EXPECT_EQ(capsule.ignored, request.ignored);
    EXPECT_TRUE(differences(capsule, table.fingerprint, *m_library, "test", 1, "cpu").empty());
    const data::Table other = readText(noisyText(601));
    const auto found = differences(capsule, other.fingerprint, *m_library, "2.0", 2, "cpu");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_THAT(found[0], HasSubstr("The data's digest was "));
    EXPECT_EQ(found[1], "The version of Perch was test and is 2.0 here.");
    EXPECT_EQ(found[2], "The number of threads was 1 and is 2 here.");
    EXPECT_THAT(parseCapsule("{}", "x.json"), failsWith(ErrorCode::Corrupt, HasSubstr("x.json")));
}

} // namespace
} // namespace perch::model
