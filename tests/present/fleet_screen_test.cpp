#include "core/present/audit_screen.h"
#include "core/present/fleet_screen.h"
#include "core/present/shell_screen.h"
#include "tests/present/fixture.h"

namespace perch::present {
namespace {

using test::withModel;

class FleetScreenTest : public testing::Test {
protected:
    FleetScreen screen() const { return makeFleetScreen(*m_snapshot, m_snapshot->takenAt); }
    const FleetRow& row(const FleetScreen& screen, const std::string& model) const {
        for (const FleetRow& row : screen.rows) {
            if (row.model.text() == model)
                return row;
        }
        throw std::runtime_error("no row " + model);
    }
    fleet::SnapshotPtr m_snapshot = test::recorded("fleet.json");
};

TEST_F(FleetScreenTest, EachStateHasItsOwnWord) {
    const FleetScreen s = screen();
    const auto chip = [&](const std::string& model) {
        return std::string(toString(row(s, model).state.state)) + " " + row(s, model).state.word.english();
    };
    EXPECT_EQ(chip("credit-risk"), "waiting Decision waiting");
    EXPECT_EQ(chip("fraud-detector"), "pass Healthy");
    EXPECT_EQ(chip("churn"), "paused Paused at 50\u00a0%");
    EXPECT_EQ(chip("cart-abandon"), "no_data No labels yet");
    EXPECT_EQ(chip("property-valuation"), "source_down Source down");
    EXPECT_EQ(chip("recommendation"), "warning Degraded");
    EXPECT_EQ(chip("lead-scoring"), "undecided Undecided");
}

TEST_F(FleetScreenTest, MissingDataIsNeitherZeroNorHealthy) {
    const FleetRow r = row(screen(), "cart-abandon");
    EXPECT_EQ(r.accuracy.text.english(), "none");
    EXPECT_EQ(r.accuracy.state, State::NoData);
    EXPECT_EQ(r.accuracyNote.english(), "no labels yet");
    EXPECT_FALSE(r.healthy);
}

TEST_F(FleetScreenTest, AnOldValueIsSaidToBeOld) {
    const FleetRow r = row(screen(), "property-valuation");
    EXPECT_EQ(r.accuracy.tone, Tone::Muted);
    EXPECT_EQ(r.accuracy.state, State::SourceDown);
    EXPECT_EQ(r.accuracyNote.english(), "at 14:18, labels stopped");
    EXPECT_EQ(r.dataAge.text.english(), "14\u00a0min");
    EXPECT_EQ(r.dataAge.tone, Tone::Fail);
    EXPECT_GT(r.spark.staleShare, 0.0);
    ASSERT_FALSE(r.spark.lines.empty());
    EXPECT_TRUE(r.spark.lines.front().values.back().has_value()) << "the line ends at its last real sample";
}

TEST_F(FleetScreenTest, AgesGrowWithTheClock) {
    const FleetScreen later = makeFleetScreen(*m_snapshot, m_snapshot->takenAt + std::chrono::minutes(3));
    EXPECT_EQ(row(later, "fraud-detector").dataAge.text.english(), "3\u00a0min");
}

TEST_F(FleetScreenTest, NumbersStandBesideTheirLimitsAndSamples) {
    const FleetRow r = row(screen(), "credit-risk");
    EXPECT_EQ(r.accuracy.text.english(), "88.1\u00a0%");
    EXPECT_EQ(r.accuracyChange.text.english(), "\u22125.7\u00a0pt");
    EXPECT_EQ(r.accuracyNote.english(), "4,326 labels");
    EXPECT_EQ(r.candidateAccuracy.text.english(), "v8 92.6\u00a0%");
    EXPECT_EQ(r.drift.value.text.english(), "0.21");
    EXPECT_EQ(r.drift.limit.english(), " / 0.15");
    EXPECT_TRUE(r.drift.over);
    EXPECT_EQ(r.p99.text.english(), "12.4\u00a0ms");
    EXPECT_EQ(r.errors.text.english(), "0.03\u00a0%");
    EXPECT_EQ(r.candidate.weight.english(), "10\u00a0%");
    EXPECT_EQ(r.candidate.real.english(), "really 10.1\u00a0%");
    EXPECT_EQ(r.replicasReady.text.english(), "10 / 10");
}

TEST_F(FleetScreenTest, AShadowIsACandidateWithoutTraffic) {
    const fleet::Snapshot shadowed = withModel(*m_snapshot, "lead-scoring", [](fleet::ModelFacts& model) {
        model.mirror = fleet::Mirror{*model.route.canary, Percent::fromBasisPoints(1'000)};
        model.versions.at(1).role = fleet::Role::Shadow;
        model.route.canary.reset();
        model.route.canaryWeight = {};
        model.rollout = {};
        model.phase = fleet::Phase::Shadowing;
    });
    const FleetScreen s = makeFleetScreen(shadowed, shadowed.takenAt);
    const FleetRow r = row(s, "lead-scoring");
    EXPECT_EQ(r.candidate.version, Version{4});
    EXPECT_EQ(r.candidate.weight.english(), "shadow, 0\u00a0% live");
    EXPECT_EQ(r.candidate.tone, Tone::Shadow);
    EXPECT_TRUE(r.rollingOut);
}

TEST_F(FleetScreenTest, NeedsYouIsWorstFirstAndOldestFirst) {
    const FleetScreen s = screen();
    std::vector<std::string> titles;
    for (const NeedsYouCard& card : s.needsYou)
        titles.push_back(card.title.english());
    ASSERT_GE(titles.size(), 5U);
    EXPECT_EQ(titles[0], "Accuracy low: credit-risk v7");
    EXPECT_EQ(titles[1], "Promotion waiting: credit-risk v8");
    for (std::size_t i = 1; i < s.needsYou.size(); ++i)
        EXPECT_LE(severity(s.needsYou[i - 1].state), severity(s.needsYou[i].state)) << titles[i];
    EXPECT_EQ(s.needsYou[1].since.english(), "waiting 1\u00a0d 5\u00a0h");
    EXPECT_FALSE(s.moreText.empty());
}

TEST_F(FleetScreenTest, FiltersCountModels) {
    const FleetScreen s = screen();
    EXPECT_EQ(s.filters[0].label.english(), "All 7");
    EXPECT_EQ(s.filters[1].label.english(), "Needs you 4");
    EXPECT_EQ(s.filters[2].label.english(), "Rolling out 3");
    EXPECT_EQ(s.filters[3].label.english(), "Healthy 1");
    EXPECT_EQ(s.title.english(), "7 models, 45 of 46 replicas ready");
}

TEST_F(FleetScreenTest, AnEmptyWorkspaceSaysWhatToDo) {
    const FleetScreen s = makeFleetScreen(*test::recorded("fleet_empty.json"), m_snapshot->takenAt);
    EXPECT_TRUE(s.empty.shown);
    EXPECT_THAT(s.empty.text.english(), testing::StartsWith("No models in this workspace. Train one: perch train"));
    EXPECT_THAT(s.empty.copy, testing::StartsWith("perch train"));
}

TEST_F(FleetScreenTest, AVersionWithoutReplicasIsDown) {
    const fleet::Snapshot changed = withModel(*m_snapshot, "fraud-detector", [](fleet::ModelFacts& model) {
        model.versions.front().replicas.ready = 0;
    });
    const FleetScreen s = makeFleetScreen(changed, changed.takenAt);
    EXPECT_EQ(row(s, "fraud-detector").state.state, State::Fail);
}

TEST_F(FleetScreenTest, AModelWithoutAnyVersionIsShown) {
    const fleet::Snapshot changed = withModel(*m_snapshot, "fraud-detector", [](fleet::ModelFacts& model) {
        model.versions.clear();
        model.route = {};
    });
    const FleetScreen s = makeFleetScreen(changed, changed.takenAt);
    EXPECT_EQ(row(s, "fraud-detector").state.state, State::NoData);
    EXPECT_EQ(row(s, "fraud-detector").accuracy.text.english(), "none");
}

TEST(ShellScreen, SaysWhereFactsComeFromAndHowOldTheyAre) {
    const fleet::SnapshotPtr snapshot = test::recorded("fleet.json");
    const ShellScreen s = makeShellScreen(snapshot.get(), {"~/perch", "ana@desk", false, ""}, snapshot->takenAt);
    EXPECT_EQ(s.frame, ShellScreen::Frame::Production);
    EXPECT_EQ(s.environmentWord.english(), "PRODUCTION");
    ASSERT_EQ(s.sources.size(), 4U);
    EXPECT_EQ(s.sources[1].age.english(), "6\u00a0s");
    EXPECT_EQ(s.sources[3].state, State::SourceDown);
    EXPECT_EQ(s.sources[3].age.english(), "no answer 4\u00a0min");
    EXPECT_EQ(s.readAt.english(), "Read 12 May 14:32:08 UTC");
    EXPECT_EQ(s.models.size(), 7U);
}

TEST(ShellScreen, WithoutAPlatformItSaysWhyAndWhatToDo) {
    const ShellScreen s = makeShellScreen(nullptr, {"~/perch", "ana@desk", false, "Nothing runs here."}, SystemTime{});
    EXPECT_THAT(s.platformProblem.english(), testing::HasSubstr("Nothing runs here."));
    EXPECT_THAT(s.platformProblem.english(), testing::HasSubstr("perch local up"));
    EXPECT_EQ(s.frame, ShellScreen::Frame::None);
}

} // namespace
} // namespace perch::present
