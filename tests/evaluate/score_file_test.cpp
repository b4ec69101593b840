#include "core/data/csv_reader.h"
#include "core/data/table_encoder.h"
#include "core/evaluate/score_file.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"
#include "tests/support/test_support.h"

namespace perch::evaluate {
namespace {

using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

class ScoreFile : public testing::Test {
protected:
    static void SetUpTestSuite() {
        shared = new Shared;
        shared->library = valueOf(model::XgboostLibrary::load());
        shared->table =
            valueOf(data::readCsv(file(), shared->clock, {.declared = {{"churn", data::FieldType::Category}}}));
        model::TrainRequest request;
        request.model = valueOf(ModelName::parse("churn"));
        request.table = &shared->table;
        request.label = "churn";
        request.positive = "Yes";
        request.training.rounds = 5;
        request.threads = 1;
        request.clock = &shared->clock;
        const model::TrainOutcome outcome = valueOf(model::train(*shared->library, request));
        valueOf(model::writePackage(outcome.parts, shared->folder / "package"));
        shared->predictor = valueOf(
            model::Predictor::create(*shared->library, valueOf(model::Package::load(shared->folder / "package"))));
    }
    static void TearDownTestSuite() {
        delete shared;
        shared = nullptr;
    }
    static std::filesystem::path file() { return test::sourceFolder() / "resources/data/wa_churn.csv"; }

    static Result<ScoredFile> score(const std::filesystem::path& out, std::stop_token stop = {}) {
        return scoreFile(*shared->predictor, file().string(), out, shared->clock, {}, std::move(stop));
    }
    static std::vector<float> expectedScores() {
        const data::TableEncoder encoder =
            valueOf(data::TableEncoder::create(shared->table, shared->predictor->package().transform));
        return valueOf(shared->predictor->score(encoder.encode(data::allRows(shared->table.rows))));
    }
    static void expectWhole(const std::filesystem::path& out) {
        const data::Table written = valueOf(data::readCsv(out, shared->clock, {}));
        const std::vector<float> expected = expectedScores();
        ASSERT_EQ(written.rows, expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            ASSERT_EQ(static_cast<float>(written.columns[0].numbers[i]), expected[i]) << "row " << i;
            ASSERT_EQ(written.columns[1].cell(i), data::Cell(std::string(expected[i] >= 0.5F ? "Yes" : "No")));
        }
    }

    struct Shared {
        test::Folder folder;
        RealClock clock;
        std::shared_ptr<const model::XgboostLibrary> library;
        data::Table table;
        std::unique_ptr<model::Predictor> predictor;
    };
    static inline Shared* shared = nullptr;
};

TEST_F(ScoreFile, CsvHoldsEveryScoreBitByBit) {
    const ScoredFile scored = valueOf(score(shared->folder / "scores.csv"));
    EXPECT_EQ(scored.rows, 7'043u);
    EXPECT_EQ(scored.unseenCells, 0u);
    expectWhole(shared->folder / "scores.csv");
}

TEST_F(ScoreFile, ParquetHoldsTheSame) {
    valueOf(score(shared->folder / "scores.parquet"));
    expectWhole(shared->folder / "scores.parquet");
}

TEST_F(ScoreFile, ACancelledRunLeavesTheOldFileAndNothingElse) {
    const test::Folder folder;
    valueOf(writeFileAtomically(folder / "scores.csv", "old"));
    std::stop_source stop;
    stop.request_stop();
    EXPECT_THAT(score(folder / "scores.csv", stop.get_token()), failsWith(ErrorCode::Cancelled, testing::_));
    EXPECT_EQ(valueOf(readFile(folder / "scores.csv")), "old");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder / "."), {}), 1);
}

TEST_F(ScoreFile, NamesWhatCannotBeWritten) {
    EXPECT_THAT(score(shared->folder / "none/scores.csv"), failsWith(ErrorCode::NotFound, HasSubstr("none")));
    EXPECT_THAT(score(shared->folder / "package"), failsWith(ErrorCode::InvalidInput, HasSubstr("is a folder")));
}

} // namespace
} // namespace perch::evaluate
