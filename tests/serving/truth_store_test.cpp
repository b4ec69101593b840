#include "core/serving/truth_store.h"
#include "tests/serving/serving_fixture.h"

namespace perch::test {
namespace {

using namespace serving;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class TruthStoreTest : public testing::Test {
protected:
    void SetUp() override {
        open();
        ASSERT_TRUE(succeeded(m_store->announce({"churn", "v1", {"No", "Yes"}})));
        ASSERT_TRUE(succeeded(m_store->announce({"churn", "v2", {"No", "Yes"}})));
    }
    /// Opens the file anew, as a restarted process does.
    void open(TruthStore::Options options = {}) {
        m_store.reset();
        m_exposition = std::make_unique<Exposition>();
        m_store = valueOf(TruthStore::open(m_folder / "truth.db", options, m_clock, *m_exposition));
    }
    PredictionRecord record(const std::string& id, const std::string& version = "v1",
        const std::string& predicted = "Yes", const std::string& role = "stable") {
        return {"churn", version, role, id, m_clock.now(), 0.7F, predicted};
    }
    void add(const PredictionRecord& record) { ASSERT_TRUE(succeeded(m_store->addRecords({&record, 1}))); }
    FeedbackOutcome feed(const std::string& id, const std::string& truth = "Yes") {
        const Feedback feedback{"churn", id, truth};
        return valueOf(m_store->addFeedback({&feedback, 1})).front();
    }
    std::optional<double> feedbackTotal(const char* outcome) const {
        return valueIn(m_exposition->text(), fmt::format("ml_feedback_total{{outcome=\"{}\"}}", outcome));
    }
    std::optional<double> labelled(const char* version, const char* truth, const char* predicted,
        const char* role = "stable") const {
        return valueIn(m_exposition->text(),
            fmt::format("ml_labelled_total{{model=\"churn\",model_version=\"{}\",predicted=\"{}\",role=\"{}\",truth=\"{}\"}}",
                version, predicted, role, truth));
    }
    std::optional<double> outcome(const char* version, const char* result, const char* role = "stable") const {
        return valueIn(m_exposition->text(),
            fmt::format("ml_predictions_total{{model=\"churn\",model_version=\"{}\",outcome=\"{}\",role=\"{}\"}}", version,
                result, role));
    }

    Folder m_folder;
    ManualClock m_clock{SystemTime(std::chrono::hours(500'000))};
    std::unique_ptr<Exposition> m_exposition;
    std::unique_ptr<TruthStore> m_store;
};

TEST_F(TruthStoreTest, SeriesAreThereAtZeroOnceAVersionPresentsItself) {
    for (const char* version : {"v1", "v2"}) {
        for (const char* role : {"stable", "canary"}) {
            EXPECT_EQ(labelled(version, "Yes", "No", role), 0);
            EXPECT_EQ(labelled(version, "No", "No", role), 0);
            EXPECT_EQ(outcome(version, "correct", role), 0);
            EXPECT_EQ(outcome(version, "incorrect", role), 0);
        }
    }
    for (const char* result : {"joined", "late", "duplicate", "unknown", "invalid"})
        EXPECT_EQ(feedbackTotal(result), 0);
    EXPECT_EQ(labelled("v3", "Yes", "Yes"), std::nullopt);
}

TEST_F(TruthStoreTest, OneTruthCountsForEveryVersionThatAnswered) {
    add(record("a", "v1", "Yes"));
    add(record("a", "v2", "No", "canary"));
    EXPECT_EQ(feed("a", "Yes"), FeedbackOutcome::Joined);
    EXPECT_EQ(labelled("v1", "Yes", "Yes"), 1);
    EXPECT_EQ(labelled("v2", "Yes", "No", "canary"), 1);
    EXPECT_EQ(outcome("v1", "correct"), 1);
    EXPECT_EQ(outcome("v2", "incorrect", "canary"), 1);
    EXPECT_EQ(feedbackTotal("joined"), 1);
    // A version whose record comes later, such as a shadow, gets the same truth.
    ASSERT_TRUE(succeeded(m_store->announce({"churn", "v3", {"No", "Yes"}})));
    add(record("a", "v3", "Yes"));
    EXPECT_EQ(labelled("v3", "Yes", "Yes"), 1);
    EXPECT_EQ(feedbackTotal("joined"), 1);
    EXPECT_EQ(feedbackTotal("late"), 0);
}

TEST_F(TruthStoreTest, ATruthMayComeBeforeItsPrediction) {
    EXPECT_EQ(feed("a", "No"), FeedbackOutcome::Waiting);
    EXPECT_EQ(feedbackTotal("unknown"), 0);
    add(record("a", "v1", "Yes"));
    EXPECT_EQ(labelled("v1", "No", "Yes"), 1);
    EXPECT_EQ(feedbackTotal("late"), 1);
    EXPECT_EQ(feedbackTotal("joined"), 0);
}

TEST_F(TruthStoreTest, TheFirstTruthStays) {
    add(record("a"));
    EXPECT_EQ(feed("a", "Yes"), FeedbackOutcome::Joined);
    EXPECT_EQ(feed("a", "No"), FeedbackOutcome::Duplicate);
    EXPECT_EQ(labelled("v1", "Yes", "Yes"), 1);
    EXPECT_EQ(labelled("v1", "No", "Yes"), 0);
    EXPECT_EQ(feedbackTotal("duplicate"), 1);
    EXPECT_EQ(feed("b"), FeedbackOutcome::Waiting);
    EXPECT_EQ(feed("b"), FeedbackOutcome::Duplicate);
}

TEST_F(TruthStoreTest, ABatchThatIsSentTwiceCountsOnce) {
    add(record("a"));
    EXPECT_EQ(feed("a"), FeedbackOutcome::Joined);
    add(record("a"));
    EXPECT_EQ(labelled("v1", "Yes", "Yes"), 1);
}

TEST_F(TruthStoreTest, KeepsNothingOfAVersionThatIsUnknown) {
    const PredictionRecord records[] = {record("a"), record("b", "v9")};
    EXPECT_THAT(m_store->addRecords(records), failsWith(ErrorCode::Conflict, HasSubstr("churn v9")));
    EXPECT_EQ(feed("a"), FeedbackOutcome::Waiting);
}

TEST_F(TruthStoreTest, ATruthWithoutAPredictionIsUnknownInTheEnd) {
    EXPECT_EQ(feed("a"), FeedbackOutcome::Waiting);
    m_clock.advance(59min);
    ASSERT_TRUE(succeeded(m_store->prune()));
    EXPECT_EQ(feedbackTotal("unknown"), 0);
    m_clock.advance(2min);
    ASSERT_TRUE(succeeded(m_store->prune()));
    EXPECT_EQ(feedbackTotal("unknown"), 1);
    EXPECT_EQ(feed("a"), FeedbackOutcome::Waiting) << "It was forgotten.";
}

TEST_F(TruthStoreTest, RefusesWhatIsNoClassOrNoModel) {
    const Feedback wrongClass{"churn", "a", "Maybe"}, wrongModel{"chrun", "a", "Yes"};
    EXPECT_THAT(m_store->addFeedback({&wrongClass, 1}),
        failsWith(ErrorCode::InvalidInput, "\"Maybe\" is no class of churn; its classes are No, Yes."));
    EXPECT_THAT(m_store->addFeedback({&wrongModel, 1}), failsWith(ErrorCode::NotFound, HasSubstr("chrun")));
    m_store->countInvalid(2);
    EXPECT_EQ(feedbackTotal("invalid"), 2);
}

TEST_F(TruthStoreTest, CountersGoOnAfterARestart) {
    add(record("a", "v1", "Yes"));
    add(record("b", "v2", "No", "canary"));
    feed("a", "Yes");
    feed("a", "Yes");
    feed("c");
    m_store->countInvalid(3);
    open();
    EXPECT_EQ(labelled("v1", "Yes", "Yes"), 1);
    EXPECT_EQ(labelled("v2", "Yes", "No", "canary"), 0);
    EXPECT_EQ(outcome("v1", "correct"), 1);
    EXPECT_EQ(feedbackTotal("joined"), 1);
    EXPECT_EQ(feedbackTotal("duplicate"), 1);
    EXPECT_EQ(feedbackTotal("invalid"), 3);
    EXPECT_EQ(feed("b", "Yes"), FeedbackOutcome::Joined);
    EXPECT_EQ(labelled("v2", "Yes", "No", "canary"), 1);
    add(record("c"));
    EXPECT_EQ(feedbackTotal("late"), 1);
}

TEST_F(TruthStoreTest, ForgetsWhatIsOlderThanTheWindow) {
    open({.window = Seconds(3600.0 * 10)});
    add(record("old"));
    m_clock.advance(9h);
    add(record("young"));
    m_clock.advance(2h);
    ASSERT_TRUE(succeeded(m_store->prune()));
    EXPECT_EQ(valueIn(m_exposition->text(), "ml_truth_records"), 1);
    EXPECT_EQ(feed("old"), FeedbackOutcome::Waiting);
    EXPECT_EQ(feed("young"), FeedbackOutcome::Joined);
}

TEST_F(TruthStoreTest, ForgetsTheOldestAboveTheLimit) {
    constexpr std::uint64_t kLimit = 512 * 1024;
    open({.byteLimit = kLimit});
    const auto addMany = [&](int from, int count) {
        std::vector<PredictionRecord> records;
        for (int i = from; i < from + count; ++i)
            records.push_back(record(fmt::format("r{}", i)));
        ASSERT_TRUE(succeeded(m_store->addRecords(records)));
        m_clock.advance(1s);
        ASSERT_TRUE(succeeded(m_store->prune()));
    };
    addMany(0, 1'000);
    EXPECT_EQ(valueIn(m_exposition->text(), "ml_truth_records"), 1'000) << "It is below the limit.";
    for (int i = 1; i < 20; ++i)
        addMany(1'000 * i, 1'000);
    EXPECT_LT(valueIn(m_exposition->text(), "ml_truth_bytes"), kLimit);
    EXPECT_GT(valueIn(m_exposition->text(), "ml_truth_bytes"), kLimit / 3);
    EXPECT_EQ(feed("r0"), FeedbackOutcome::Waiting);
    EXPECT_EQ(feed("r19999"), FeedbackOutcome::Joined);
}

TEST_F(TruthStoreTest, AFloodOfUnknownIdsDoesNotFillTheDisk) {
    constexpr std::uint64_t kLimit = 512 * 1024;
    open({.byteLimit = kLimit});
    for (int i = 0; i < 20; ++i) {
        std::vector<Feedback> forged;
        for (int k = 0; k < 1'000; ++k)
            forged.push_back({"churn", fmt::format("forged-{}-{}", i, k), "Yes"});
        ASSERT_TRUE(succeeded(m_store->addFeedback(forged)));
        m_clock.advance(1s);
        ASSERT_TRUE(succeeded(m_store->prune()));
    }
    EXPECT_LT(valueIn(m_exposition->text(), "ml_truth_bytes"), kLimit);
    EXPECT_EQ(feedbackTotal("unknown").value() + valueIn(m_exposition->text(), "ml_feedback_waiting").value(), 20'000);
}

TEST_F(TruthStoreTest, ADamagedFileIsAnErrorThatNamesIt) {
    ASSERT_TRUE(succeeded(writeFileAtomically(m_folder / "bad.db", std::string(8192, 'x'))));
    Exposition exposition;
    EXPECT_THAT(TruthStore::open(m_folder / "bad.db", {}, m_clock, exposition),
        failsWith(ErrorCode::Corrupt, HasSubstr("bad.db")));
}

} // namespace
} // namespace perch::test
