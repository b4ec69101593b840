#include "core/data/csv_reader.h"
#include "core/evaluate/evaluate.h"
#include "core/evaluate/evaluation_json.h"
#include "core/evaluate/explanation.h"
#include "core/evaluate/importance.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <numeric>

namespace perch::evaluate {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

/// Small real models of the other two tasks: the contract of a churn row, the price of a credit row.
class EvaluateTasks : public testing::Test {
protected:
    struct Trained {
        std::filesystem::path file;
        data::Table table;
        std::unique_ptr<model::Predictor> strong, weak;
    };
    struct Shared {
        test::Folder folder;
        RealClock clock;
        std::shared_ptr<const model::XgboostLibrary> library;
        Trained classes, numbers;
    };

    static void SetUpTestSuite() {
        shared = new Shared;
        shared->library = valueOf(model::XgboostLibrary::load());
        shared->classes = makeModels("wa_churn.csv", "contract", data::FieldType::Category);
        shared->numbers = makeModels("credit_data.csv", "Price", data::FieldType::Number);
    }
    static void TearDownTestSuite() {
        delete shared;
        shared = nullptr;
    }

    static Trained makeModels(const char* file, const char* label, data::FieldType type) {
        Trained trained{.file = test::tableFile(file)};
        trained.table = valueOf(data::readCsv(trained.file, shared->clock, {.declared = {{label, type}}}));
        trained.strong = makePredictor(trained.table, label, type, 15, 3);
        trained.weak = makePredictor(trained.table, label, type, 1, 1);
        return trained;
    }

    static std::unique_ptr<model::Predictor> makePredictor(const data::Table& table, const char* label,
                                                           data::FieldType type, std::uint32_t rounds,
                                                           std::uint32_t depth) {
        model::TrainRequest request;
        request.model = valueOf(ModelName::parse("task"));
        request.table = &table;
        request.label = label;
        request.training.task = type == data::FieldType::Number ? spec::Task::Regression : spec::Task::MultiClass;
        request.training.rounds = rounds;
        request.training.depth = depth;
        request.training.learningRate = 0.3;
        request.threads = 1;
        request.clock = &shared->clock;
        const model::TrainOutcome outcome = valueOf(model::train(*shared->library, request));
        const auto folder = shared->folder / fmt::format("{}-{}", label, rounds);
        valueOf(model::writePackage(outcome.parts, folder));
        return valueOf(model::Predictor::create(*shared->library, valueOf(model::Package::load(folder))));
    }

    static EvaluationOptions quick() {
        EvaluationOptions options;
        options.resamples = 30;
        options.importanceRows = 100;
        return options;
    }

    static void expectInside(const Evaluation& evaluation) {
        for (const MetricDefinition& definition : metricDefinitions(evaluation.task)) {
            const MetricValue& metric = evaluation.candidate.metrics.find(definition.name)->second;
            ASSERT_TRUE(metric.value && metric.low && metric.high) << definition.name;
            EXPECT_LE(*metric.low, *metric.value) << definition.name;
            EXPECT_GE(*metric.high, *metric.value) << definition.name;
        }
    }

    static inline Shared* shared = nullptr;
};

TEST_F(EvaluateTasks, ClassesHaveMetricsAMatrixAndAVerdict) {
    const EvaluationSubject strong{"v2", shared->classes.strong.get()}, weak{"v1", shared->classes.weak.get()};
    EvaluationOptions options = quick();
    options.group = "female";
    const Evaluation evaluation =
        valueOf(evaluateFile(weak, &strong, shared->classes.file, options, shared->clock, {}));
    EXPECT_EQ(evaluation.task, model::Task::MultiClass);
    EXPECT_EQ(evaluation.rows, 7'043u);
    expectInside(evaluation);
    EXPECT_EQ(evaluation.comparison->metric, "macro_f1");
    EXPECT_EQ(evaluation.comparison->verdict, Verdict::Worse);
    EXPECT_EQ(evaluation.comparison->differences.find("accuracy")->second.test, "McNemar, exact");
    const ClassResult& classes = evaluation.candidate.classes.value();
    ASSERT_EQ(classes.classes.size(), 3u);
    EXPECT_EQ(std::accumulate(classes.confusion.begin(), classes.confusion.end(), std::uint64_t{0}), 7'043u);
    double areas = 0;
    for (const ClassRates& one : classes.classes) {
        areas += one.rocAuc.value.value() / 3;
        EXPECT_LT(*one.rocAuc.low, *one.rocAuc.value) << one.name;
        EXPECT_GT(*one.rocAuc.high, *one.rocAuc.value) << one.name;
    }
    EXPECT_NEAR(areas, *evaluation.candidate.metrics.at("roc_auc").value, 1e-9) << "the metric is the mean of them";
    EXPECT_TRUE(evaluation.fairness->accuracy.value);
    EXPECT_EQ(evaluation.fairness->selection.value, std::nullopt);
    const nlohmann::json document = toJson(evaluation, WithCells::Yes);
    EXPECT_EQ(toJson(valueOf(evaluationFromJson(document, "e.json")), WithCells::Yes), document);
}

TEST_F(EvaluateTasks, NumbersHaveErrorsAndAVerdict) {
    const EvaluationSubject strong{"v2", shared->numbers.strong.get()}, weak{"v1", shared->numbers.weak.get()};
    EvaluationOptions options = quick();
    options.tolerance = stats::Tolerance{.value = 200, .relative = false};
    const Evaluation evaluation =
        valueOf(evaluateFile(strong, &weak, shared->numbers.file, options, shared->clock, {}));
    EXPECT_EQ(evaluation.task, model::Task::Regression);
    expectInside(evaluation);
    EXPECT_EQ(evaluation.comparison->metric, "mae");
    EXPECT_EQ(evaluation.comparison->verdict, Verdict::Better);
    EXPECT_LT(*evaluation.comparison->differences.find("mae")->second.value, 0);
    EXPECT_NEAR(evaluation.comparison->margin, 0.01 * *evaluation.baseline->metrics.find("mae")->second.value, 1e-6);
    const ErrorResult& errors = evaluation.candidate.errors.value();
    EXPECT_EQ(errors.bins.size(), 10u);
    EXPECT_EQ(std::accumulate(errors.histogram.begin(), errors.histogram.end(), std::uint64_t{0}), evaluation.rows);
    for (std::size_t i = 1; i < errors.bins.size(); ++i)
        EXPECT_GE(errors.bins[i].predicted, errors.bins[i - 1].predicted);
    const nlohmann::json document = toJson(evaluation, WithCells::Yes);
    EXPECT_EQ(toJson(valueOf(evaluationFromJson(document, "e.json")), WithCells::Yes), document);
}

TEST_F(EvaluateTasks, ModelsOfDifferentTasksAreNotCompared) {
    const EvaluationSubject classes{"v2", shared->classes.strong.get()}, numbers{"v1", shared->numbers.strong.get()};
    EXPECT_THAT(evaluateFile(classes, &numbers, shared->classes.file, quick(), shared->clock, {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("cannot be compared")));
}

TEST_F(EvaluateTasks, TheReasonsOfARowAddUpToItsMargin) {
    for (const Trained* trained : {&shared->classes, &shared->numbers}) {
        for (const std::uint64_t row : {1, 2, 100}) {
            const RowExplanation explanation = valueOf(explainRow(*trained->strong, trained->table, row));
            double sum = explanation.expected;
            for (const Reason& reason : explanation.reasons)
                sum += reason.contribution;
            EXPECT_NEAR(sum, explanation.margin, 1e-3 * std::max(1.0, std::abs(explanation.margin)));
            for (std::size_t i = 1; i < explanation.reasons.size(); ++i)
                EXPECT_LE(std::abs(explanation.reasons[i].contribution),
                          std::abs(explanation.reasons[i - 1].contribution));
        }
        EXPECT_THAT(explainRow(*trained->strong, trained->table, trained->table.rows + 1),
                    failsWith(ErrorCode::NotFound, HasSubstr("has no row")));
    }
    const RowExplanation first = valueOf(explainRow(*shared->numbers.strong, shared->numbers.table, 1));
    EXPECT_NEAR(first.score, first.margin, 1e-3) << "a regression has no link function";
    EXPECT_TRUE(first.answer.empty());
}

TEST_F(EvaluateTasks, ImportanceIsTheMeanOfTheReasons) {
    const Trained& trained = shared->numbers;
    std::vector<std::uint32_t> rows(50);
    std::iota(rows.begin(), rows.end(), 0U);
    const ImportanceResult importance =
        valueOf(measureImportance(*trained.strong, trained.table, rows, 50, 1, std::stop_token()));
    EXPECT_EQ(importance.rows, 50u);
    std::map<std::string, double> sums;
    for (const std::uint32_t row : rows) {
        for (const Reason& reason : valueOf(explainRow(*trained.strong, trained.table, row + 1)).reasons)
            sums[reason.field] += std::abs(reason.contribution) / 50;
    }
    double shares = 0;
    for (const FeatureImportance& feature : importance.features) {
        EXPECT_NEAR(feature.meanShap, sums[feature.feature], 1e-4 * std::max(1.0, feature.meanShap)) << feature.feature;
        shares += feature.share;
    }
    EXPECT_NEAR(shares, 1, 1e-9);
    EXPECT_EQ(importance.features[0].feature, "Amount");
    EXPECT_GT(importance.features[0].direction.value(), 0.5) << "a dearer good needs a larger loan";
}

TEST_F(EvaluateTasks, PartialDependenceFollowsTheModel) {
    const Trained& trained = shared->numbers;
    const PartialDependence amount =
        valueOf(partialDependence(*trained.strong, trained.table, "Amount", "", 200, 1, std::stop_token()));
    EXPECT_EQ(amount.rows, 200u);
    ASSERT_GT(amount.points.size(), 10u);
    EXPECT_GT(amount.points.back().mean, amount.points.front().mean + 100);
    EXPECT_GT(amount.risingShare, 0.9);
    for (const PartialDependence::Point& point : amount.points) {
        EXPECT_LE(point.low, point.mean);
        EXPECT_GE(point.high, point.mean);
    }
    const PartialDependence contract = valueOf(partialDependence(
        *shared->classes.strong, shared->classes.table, "internet_service", "Two year", 200, 1, std::stop_token()));
    ASSERT_FALSE(contract.points.empty());
    EXPECT_EQ(contract.output, "Two year");
    EXPECT_THAT(partialDependence(*shared->classes.strong, shared->classes.table, "internet_service", "Three year", 200,
                                  1, std::stop_token()),
                failsWith(ErrorCode::InvalidInput, HasSubstr("Two year")));
    EXPECT_THAT(partialDependence(*trained.strong, trained.table, "Amounts", "", 200, 1, std::stop_token()),
                failsWith(ErrorCode::InvalidInput, HasSubstr("Amount")));
}

} // namespace
} // namespace perch::evaluate
