#include "core/base/file.h"
#include "core/serving/joined_rows.h"
#include "core/serving/truth_store.h"
#include "tests/serving/serving_fixture.h"

namespace perch::test {
namespace {

using namespace serving;
using namespace std::chrono_literals;
using testing::HasSubstr;

/// What a truth store keeps, read by another program while it runs.
class JoinedRowsTest : public testing::Test {
protected:
    void SetUp() override {
        m_store = valueOf(TruthStore::open(file(), {}, m_clock, m_exposition));
        for (const char* version : {"v1", "v2"})
            ASSERT_TRUE(succeeded(m_store->announce({"churn", version, {"No", "Yes"}})));
    }
    std::filesystem::path file() const { return m_folder / "truth.db"; }
    /// A prediction `after` the beginning.
    void predicted(const std::string& id, const std::string& version, const std::string& answer,
                   std::chrono::minutes after) {
        const PredictionRecord record{"churn", version, "stable", id, kBegin + after, 0.7F, answer};
        ASSERT_TRUE(succeeded(m_store->addRecords({&record, 1})));
    }
    void truth(const std::string& id, const std::string& value) {
        const Feedback feedback{"churn", id, value};
        valueOf(m_store->addFeedback({&feedback, 1}));
    }
    std::vector<std::string> read(std::chrono::minutes from, std::chrono::minutes to,
                                  const std::string& model = "churn") const {
        std::vector<std::string> lines;
        for (const JoinedCount& count : valueOf(readJoinedRows(file(), model, kBegin + from, kBegin + to)))
            lines.push_back(fmt::format("{} {}/{} {}", count.version, count.truth, count.predicted, count.count));
        return lines;
    }

    static inline const SystemTime kBegin{std::chrono::hours(500'000)};
    Folder m_folder;
    ManualClock m_clock{kBegin + 60min};
    Exposition m_exposition;
    std::unique_ptr<TruthStore> m_store;
};

TEST_F(JoinedRowsTest, CountsByVersionTruthAndAnswer) {
    for (const char* id : {"a", "b", "c", "d"})
        predicted(id, "v1", "Yes", 1min);
    predicted("a", "v2", "No", 2min); // a canary answered the same request
    truth("a", "Yes");
    truth("b", "Yes");
    truth("c", "No");
    EXPECT_THAT(read(0min, 60min), testing::ElementsAre("v1 No/Yes 1", "v1 Yes/Yes 2", "v2 Yes/No 1"));
    EXPECT_TRUE(read(0min, 60min, "other").empty());
}

TEST_F(JoinedRowsTest, TheTimeIsThatOfThePredictionAndItsEndIsNotInIt) {
    predicted("a", "v1", "Yes", 10min);
    predicted("b", "v1", "Yes", 20min);
    predicted("c", "v1", "Yes", 30min);
    for (const char* id : {"a", "b", "c"})
        truth(id, "Yes"); // all at 60 min
    EXPECT_THAT(read(10min, 30min), testing::ElementsAre("v1 Yes/Yes 2"));
    EXPECT_THAT(read(11min, 31min), testing::ElementsAre("v1 Yes/Yes 2"));
    EXPECT_TRUE(read(31min, 60min).empty());
}

TEST_F(JoinedRowsTest, SaysThatTheFileIsNotThereOrIsNone) {
    const auto missing = m_folder / "none.db";
    EXPECT_THAT(readJoinedRows(missing, "churn", kBegin, kBegin + 1min),
                failsWith(ErrorCode::NotFound, HasSubstr(missing.string())));
    EXPECT_FALSE(std::filesystem::exists(missing)) << "reading makes no file";
    const auto other = m_folder / "other.db";
    ASSERT_TRUE(succeeded(writeFileAtomically(other, "")));
    EXPECT_THAT(readJoinedRows(other, "churn", kBegin, kBegin + 1min),
                failsWith(ErrorCode::Corrupt, HasSubstr(other.string())));
}

} // namespace
} // namespace perch::test
