#include "core/data/csv_reader.h"
#include "core/data/table_encoder.h"
#include "core/evaluate/log_replay.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

#include <fstream>

namespace perch::evaluate {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

/// A log of the first churn rows, as the server writes one, but as CSV.
class LogReplayTest : public testing::Test {
protected:
    static constexpr std::size_t kRows = 2'000;

    static void SetUpTestSuite() { shared = new Shared; }
    static void TearDownTestSuite() {
        delete shared;
        shared = nullptr;
    }

    struct Shared {
        Shared() {
            table = valueOf(data::readCsv(test::sourceFolder() / "resources/data/wa_churn.csv", clock,
                                          {.declared = {{"churn", data::FieldType::Category}}}));
            stable = train(20);
            candidate = train(2);
            const auto encoder = valueOf(data::TableEncoder::create(table, stable->package().transform));
            const std::vector<float> scores = valueOf(stable->score(encoder.encode(data::allRows(table.rows))));
            for (std::size_t i = 0; i < kRows; ++i)
                answers.push_back(stable->decide(scores[i]));
        }
        std::unique_ptr<model::Predictor> train(std::uint32_t rounds) {
            model::TrainRequest request;
            request.model = valueOf(ModelName::parse("churn"));
            request.table = &table;
            request.label = "churn";
            request.positive = "Yes";
            request.training.rounds = rounds;
            request.threads = 1;
            request.clock = &clock;
            const std::string name = std::to_string(rounds);
            valueOf(model::writePackage(valueOf(model::train(*library, request)).parts, folder / name));
            return valueOf(model::Predictor::create(*library, valueOf(model::Package::load(folder / name))));
        }
        /// The log without the column `left out`.
        std::string write(const std::string& leftOut = "") const {
            std::ofstream file(folder / "log.csv");
            const auto line = [&](const auto& cellOf) {
                for (const data::Column& column : table.columns) {
                    if (column.name != leftOut)
                        file << cellOf(column) << ',';
                }
            };
            line([](const data::Column& column) { return '"' + column.name + '"'; });
            file << "request_id,score,predicted\n";
            for (std::size_t i = 0; i < kRows; ++i) {
                line([i](const data::Column& column) {
                    const data::Cell cell = column.cell(i);
                    if (const double* number = std::get_if<double>(&cell))
                        return fmt::format("{}", *number);
                    if (const bool* flag = std::get_if<bool>(&cell))
                        return std::string(*flag ? "1" : "0");
                    const std::string* text = std::get_if<std::string>(&cell);
                    return text == nullptr ? std::string() : '"' + *text + '"';
                });
                file << fmt::format("r{},{},{}\n", i, answers[i].score, answers[i].classIndex == 1 ? "Yes" : "No");
            }
            return (folder / "log.csv").string();
        }
        test::Folder folder;
        RealClock clock;
        std::shared_ptr<const model::XgboostLibrary> library = valueOf(model::XgboostLibrary::load());
        data::Table table;
        std::unique_ptr<model::Predictor> stable, candidate;
        std::vector<model::Prediction> answers;
    };

    static LogReplay replay(const model::Predictor& model,
                            const std::unordered_map<std::string, std::string>& truths = {}) {
        return valueOf(replayLog(model, shared->write(), truths, shared->clock, {}, {}));
    }
    static std::unordered_map<std::string, std::string> truths(std::size_t every) {
        std::unordered_map<std::string, std::string> labels;
        const data::Column& churn = *valueOf(shared->table.column("churn"));
        for (std::size_t i = 0; i < kRows; i += every)
            labels[fmt::format("r{}", i)] = std::get<std::string>(churn.cell(i));
        labels["elsewhere"] = "Yes";
        return labels;
    }

    static inline Shared* shared = nullptr;
};

TEST_F(LogReplayTest, TheSameModelAgreesWithItself) {
    const LogReplay same = replay(*shared->stable);
    EXPECT_EQ(same.rows, kRows);
    EXPECT_EQ(same.agreeing, kRows);
    EXPECT_TRUE(same.changes.empty());
    EXPECT_EQ(same.psi, 0);
    EXPECT_EQ(same.logged.quantiles, same.candidate.quantiles);
    EXPECT_EQ(same.labelled, 0U);
    EXPECT_FALSE(same.pValue);
}

TEST_F(LogReplayTest, AnotherModelChangesDecisionsAndScores) {
    const LogReplay other = replay(*shared->candidate, truths(4));
    const auto encoder = valueOf(data::TableEncoder::create(shared->table, shared->candidate->package().transform));
    const std::vector<float> scores =
        valueOf(shared->candidate->score(encoder.encode(data::allRows(shared->table.rows))));
    const data::Column& churn = *valueOf(shared->table.column("churn"));
    std::map<std::pair<std::string, std::string>, std::uint64_t> changes;
    std::uint64_t agreeing = 0, before = 0, after = 0;
    for (std::size_t i = 0; i < kRows; ++i) {
        const std::string from = shared->answers[i].classIndex == 1 ? "Yes" : "No";
        const std::string to = shared->candidate->decide(scores[i]).classIndex == 1 ? "Yes" : "No";
        if (from == to)
            ++agreeing;
        else
            ++changes[{from, to}];
        if (i % 4 == 0) {
            const std::string truth = std::get<std::string>(churn.cell(i));
            before += from == truth;
            after += to == truth;
        }
    }
    EXPECT_EQ(other.agreeing, agreeing);
    EXPECT_LT(agreeing, kRows);
    std::uint64_t changed = 0;
    for (const LogReplay::Change& change : other.changes) {
        EXPECT_EQ(change.rows, (changes[{change.from, change.to}])) << change.from << " -> " << change.to;
        changed += change.rows;
    }
    EXPECT_EQ(changed, kRows - agreeing);
    EXPECT_EQ(other.labelled, kRows / 4);
    EXPECT_EQ(other.loggedRight, before);
    EXPECT_EQ(other.candidateRight, after);
    EXPECT_GT(*other.psi, 0.5);
    EXPECT_TRUE(std::ranges::is_sorted(other.candidate.quantiles));
    EXPECT_LT(other.candidate.quantiles.back(), other.logged.quantiles.back()) << "two rounds do not get far";
}

TEST_F(LogReplayTest, NamesAFieldThatIsNotInTheLog) {
    EXPECT_THAT(replayLog(*shared->stable, shared->write("tenure"), {}, shared->clock, {}, {}),
                failsWith(ErrorCode::InvalidInput, HasSubstr("tenure")));
}

TEST_F(LogReplayTest, StopsWhenAsked) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THAT(replayLog(*shared->stable, shared->write(), {}, shared->clock, {}, stop.get_token()),
                failsWith(ErrorCode::Cancelled, testing::_));
}

} // namespace
} // namespace perch::evaluate
