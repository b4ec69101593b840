#include "core/data/csv_reader.h"
#include "core/data/table_encoder.h"
#include "core/model/predict/check_sample.h"
#include "core/model/predict/predictor.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/threshold_choice.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <thread>

namespace perch::model {
namespace {

using test::failsWith;
using test::valueOf;
using testing::AllOf;
using testing::HasSubstr;

class Train : public testing::Test {
protected:
    data::Table read(const std::filesystem::path& file, const std::string& label) {
        return valueOf(data::readCsv(file, m_clock, {.declared = {{label, data::FieldType::Category}}}));
    }
    data::Table readText(const std::string& text, const std::string& label = "y") {
        std::ofstream(m_folder / "t.csv", std::ios::binary) << text;
        return read(m_folder / "t.csv", label);
    }
    data::Table churn() { return read(test::sourceFolder() / "resources/data/wa_churn.csv", "churn"); }
    data::Table credit() { return read(test::sourceFolder() / "resources/data/credit_data.csv", "Status"); }

    TrainRequest requestFor(const data::Table& table, const std::string& label, std::uint32_t rounds = 20) {
        return {.model = valueOf(ModelName::parse("m")),
                .table = &table,
                .label = label,
                .training = {.rounds = rounds},
                .codeVersion = "test",
                .clock = &m_clock};
    }
    Result<TrainOutcome> trainText(const std::string& text, const std::string& label = "y",
                                   const std::string& positive = "") {
        const data::Table table = readText(text, label);
        TrainRequest request = requestFor(table, label);
        request.positive = positive;
        return train(*m_library, request);
    }

    test::Folder m_folder;
    RealClock m_clock;
    std::shared_ptr<const XgboostLibrary> m_library = valueOf(XgboostLibrary::load());
};

/// A small table: y depends on x and on c.
std::string smallTable() {
    std::string text = "x,c,flag,y\n";
    for (int i = 0; i < 400; ++i)
        text += fmt::format("{},c{},{},{}\n", i * 37 % 100, i % 3, i % 2 == 0 ? "true" : "false",
                            i * 37 % 100 > 40 || i % 3 == 1 ? "Yes" : "No");
    return text;
}

TEST_F(Train, GivesTheFiguresOfThePythonPackagesOnTheSameRows) {
    // tests/fixtures/make_training_reference.py: ROC-AUC and F1 for these seeds, on the rows that scikit-learn's
    // train_test_split draws and Perch draws too. (Issue 3 asks for ROC-AUC 0.831 and 0.842 within 0.02.)
    struct Case {
        data::Table table;
        std::string label, positive;
        std::map<std::uint64_t, std::pair<double, double>> figures;
    };
    const Case cases[] = {{churn(),
                           "churn",
                           "Yes",
                           {{42, {0.8293, 0.5643}},
                            {1, {0.8260, 0.5852}},
                            {2, {0.8385, 0.5698}},
                            {3, {0.8299, 0.5551}},
                            {4, {0.8258, 0.5605}}}},
                          {credit(),
                           "Status",
                           "bad",
                           {{42, {0.8412, 0.6167}},
                            {1, {0.8302, 0.5813}},
                            {2, {0.8453, 0.6217}},
                            {3, {0.8476, 0.6071}},
                            {4, {0.8509, 0.6264}}}}};
    const auto check = [&](const Case& c) {
        TrainRequest request = requestFor(c.table, c.label, 500);
        request.positive = c.positive;
        for (const auto& [seed, figures] : c.figures) {
            request.training.seed = seed;
            const ModelCard card = valueOf(train(*m_library, request)).parts.card;
            EXPECT_NEAR(card.metrics.at("roc_auc"), figures.first, 0.0005) << c.label << ' ' << seed;
            EXPECT_NEAR(card.metrics.at("f1"), figures.second, 0.0005) << c.label << ' ' << seed;
            EXPECT_EQ(card.rows.at("test"), (c.table.rows + 4) / 5);
            EXPECT_EQ(card.rows.at("validation"), 0U);
            EXPECT_EQ(card.metrics.size(), 6U);
        }
    };
    const std::jthread other([&] { check(cases[1]); });
    check(cases[0]);
}

TEST_F(Train, TheSameCapsuleGivesTheSameBytes) {
    const data::Table table = credit();
    TrainRequest request = requestFor(table, "Status", 15);
    const TrainOutcome one = valueOf(train(*m_library, request)), two = valueOf(train(*m_library, request));
    EXPECT_EQ(one.parts.booster, two.parts.booster);
    EXPECT_EQ(one.parts.capsule, two.parts.capsule);
    EXPECT_EQ(one.parts.check, two.parts.check);
    EXPECT_EQ(one.parts.reference.toJson(), two.parts.reference.toJson());
    request.training.seed = 43;
    EXPECT_NE(valueOf(train(*m_library, request)).parts.booster, one.parts.booster);
}

TEST_F(Train, CapsuleAndCardSayHow) {
    const data::Table table = readText(smallTable());
    const TrainOutcome outcome = valueOf(train(*m_library, requestFor(table, "y")));
    const auto capsule = nlohmann::json::parse(outcome.parts.capsule);
    EXPECT_EQ(capsule["fingerprint"]["content"], table.fingerprint.content.hex());
    EXPECT_EQ(capsule["parameters"]["tree_method"], "hist");
    EXPECT_EQ(capsule["parameters"]["eta"], "0.05");
    EXPECT_EQ(capsule["split"]["seed"], 42);
    EXPECT_EQ(capsule["threads"], 1);
    EXPECT_EQ(capsule["versions"]["xgboost"], m_library->version());
    EXPECT_EQ(outcome.parts.card.threshold, 0.5);
    EXPECT_EQ(outcome.parts.card.thresholdRule, "fixed");
    EXPECT_THAT(outcome.parts.card.rows,
                (std::map<std::string, std::uint64_t>{{"train", 320}, {"validation", 0}, {"test", 80}}));
    EXPECT_EQ(outcome.parts.reference.rows, 320U);
    EXPECT_EQ(outcome.parts.reference.features.front().feature, "x");
}

TEST_F(Train, ThresholdByCostUsesAValidationPart) {
    const data::Table table = credit();
    TrainRequest request = requestFor(table, "Status", 100);
    request.threshold = {.rule = spec::ThresholdSpec::Rule::Cost, .falseNegativeCost = 20, .falsePositiveCost = 1};
    const TrainOutcome outcome = valueOf(train(*m_library, request));
    const ModelCard& card = outcome.parts.card;
    EXPECT_EQ(card.thresholdRule, "cost 20:1");
    EXPECT_LT(card.threshold, 0.3);
    EXPECT_GT(card.metrics.at("recall"), 0.85);
    EXPECT_EQ(card.rows.at("validation"), 713U);
    EXPECT_EQ(card.rows.at("train") + card.rows.at("validation") + card.rows.at("test"), table.rows);
}

TEST_F(Train, WrongDataIsOneSentence) {
    const auto wrong = [&](const std::string& text, const std::string& positive = "") {
        const Result<TrainOutcome> outcome = trainText(text, "y", positive);
        return outcome ? "succeeded" : outcome.error().message;
    };
    std::string oneClass = "x,y\n", three = "x,y\n", missing = "x,y\n", empty = "x,gone,y\n", few = "x,y\n";
    for (int i = 0; i < 30; ++i) {
        oneClass += fmt::format("{},No\n", i);
        three += fmt::format("{},{}\n", i, i % 3);
        missing += fmt::format("{},{}\n", i, i == 4 ? "" : (i % 2 == 0 ? "a" : "b"));
        empty += fmt::format("{},,{}\n", i, i % 2);
        few += fmt::format("{},{}\n", i, i == 0 ? "b" : "a");
    }
    EXPECT_THAT(wrong(oneClass), AllOf(HasSubstr("t.csv"), HasSubstr("\"y\" has one class, \"No\"")));
    const data::Table threeClasses = readText(three);
    TrainRequest binary = requestFor(threeClasses, "y");
    binary.training.task = spec::Task::Binary;
    EXPECT_THAT(train(*m_library, binary),
                failsWith(ErrorCode::InvalidInput, HasSubstr("\"y\" has 3 classes; two are needed")));
    EXPECT_THAT(wrong(missing), HasSubstr("\"y\" is missing in 1 rows, first in row 6"));
    EXPECT_THAT(wrong(empty), HasSubstr("\"gone\" holds only missing values"));
    EXPECT_THAT(wrong(few), HasSubstr("fewer than three rows of the class \"b\""));
    EXPECT_THAT(wrong(smallTable(), "Maybe"), HasSubstr("has no class \"Maybe\"; its classes are No and Yes"));
    EXPECT_THAT(wrong("y\na\nb\na\nb\na\nb\n"), HasSubstr("no column beside the label"));
    const data::Table table = churn();
    EXPECT_THAT(train(*m_library, requestFor(table, "chrun")),
                failsWith(ErrorCode::InvalidInput, HasSubstr("no column \"chrun\"; the nearest are churn")));
    TrainRequest request = requestFor(table, "churn");
    request.training.depth = 99;
    EXPECT_THAT(train(*m_library, request), failsWith(ErrorCode::InvalidInput, HasSubstr("depth")));
}

TEST_F(Train, FindsThePositiveClass) {
    std::string rare = "x,y\n";
    for (int i = 0; i < 40; ++i)
        rare += fmt::format("{},{}\n", i, i % 4 == 0 ? "bad" : "good");
    EXPECT_EQ(valueOf(trainText(rare)).parts.card.classes, (std::vector<std::string>{"good", "bad"}));
    EXPECT_EQ(valueOf(trainText(smallTable())).parts.card.classes, (std::vector<std::string>{"No", "Yes"}));
    EXPECT_EQ(valueOf(trainText(rare, "y", "good")).parts.card.classes[1], "good");
}

TEST_F(Train, ReportsEveryRoundAndStopsBetweenRounds) {
    const data::Table table = readText(smallTable());
    struct Watch final : TrainingWatch {
        std::vector<TrainProgress> seen;
        std::stop_source source;
        Result<void> roundDone(const TrainProgress& progress) override {
            seen.push_back(progress);
            if (progress.round == 7)
                source.request_stop();
            return {};
        }
    } watch;
    EXPECT_THAT(train(*m_library, requestFor(table, "y"), &watch, watch.source.get_token()),
                failsWith(ErrorCode::Cancelled, HasSubstr("round 8 of 20")));
    ASSERT_EQ(watch.seen.size(), 7U);
    EXPECT_GT(watch.seen[0].train.value(), 0.3);
    EXPECT_EQ(watch.seen[0].metric, "logloss");
    EXPECT_EQ(watch.seen[6].rounds, 20U);
}

TEST_F(Train, ImputesWhatTheTrainingRowsTeach) {
    std::string text = "x,y\n";
    for (int i = 0; i < 100; ++i)
        text += fmt::format("{},{}\n", i % 5 == 0 ? "" : std::to_string(i % 10), i % 2);
    const data::Table table = readText(text);
    TrainRequest request = requestFor(table, "y");
    request.training.impute = true;
    const TrainOutcome outcome = valueOf(train(*m_library, request));
    ASSERT_TRUE(outcome.parts.transform.fields()[0].imputedNumber.has_value());
    EXPECT_EQ(valueOf(outcome.parts.transform.encode(0, data::Cell())),
              static_cast<float>(*outcome.parts.transform.fields()[0].imputedNumber));
}

TEST_F(Train, OneRowAndBatchesScoreTheSameBits) {
    const data::Table table = churn();
    const TrainOutcome outcome = valueOf(train(*m_library, requestFor(table, "churn", 30)));
    valueOf(writePackage(outcome.parts, m_folder / "package"));
    const auto predictor = valueOf(Predictor::create(*m_library, valueOf(Package::load(m_folder / "package"))));
    const data::RowTransform& transform = predictor->package().transform;
    const data::TableEncoder encoder = valueOf(data::TableEncoder::create(table, transform));
    // More rows than one thread takes, so that the batch is shared out.
    data::Rows rows;
    for (std::uint32_t i = 0; i < 20'000; ++i)
        rows.push_back(i % static_cast<std::uint32_t>(table.rows));
    const std::vector<float> batch = valueOf(predictor->score(encoder.encode(rows)));
    const auto scoreOne = [&](std::size_t row) {
        std::vector<float> values;
        for (std::size_t i = 0; i < transform.width(); ++i)
            values.push_back(
                valueOf(transform.encode(i, table.columns[*table.find(transform.fields()[i].name)].cell(row))));
        return valueOf(predictor->score(values)).at(0);
    };
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 3; ++t)
            threads.emplace_back([&, t] {
                for (std::size_t row = t; row < 600; row += 3)
                    wrong += scoreOne(row) == batch[row] ? 0 : 1;
            });
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(predictor->decide(0.5F).classIndex, 1U);
    EXPECT_EQ(predictor->decide(0.25F).classIndex, 0U);
    EXPECT_EQ(predictor->decide(0.25F).confidence, 0.75);
}

TEST(CheapestThreshold, MinimizesTheCost) {
    const std::vector<float> scores = {0.1F, 0.2F, 0.3F, 0.6F, 0.9F};
    const std::vector<std::uint8_t> labels = {0, 1, 0, 0, 1};
    EXPECT_DOUBLE_EQ(cheapestThreshold(scores, labels, 1, 1), (0.6F + static_cast<double>(0.9F)) / 2);
    EXPECT_DOUBLE_EQ(cheapestThreshold(scores, labels, 20, 1), (0.1F + static_cast<double>(0.2F)) / 2);
    EXPECT_DOUBLE_EQ(cheapestThreshold(scores, labels, 1, 20), (0.6F + static_cast<double>(0.9F)) / 2);
    const std::vector<std::uint8_t> none = {0, 0, 0, 0, 0};
    EXPECT_DOUBLE_EQ(cheapestThreshold(scores, none, 20, 1), (static_cast<double>(0.9F) + 1) / 2);
    const std::vector<float> equal = {0.5F, 0.5F};
    const std::vector<std::uint8_t> mixed = {0, 1};
    EXPECT_EQ(cheapestThreshold(equal, mixed, 20, 1), 0) << "a tie of scores cannot be cut apart";
}

} // namespace
} // namespace perch::model
