#include "core/present/model_screen.h"
#include "core/present/plan_screen.h"
#include "tests/present/fixture.h"

namespace perch::present {
namespace {

using test::nameOf;
using test::withModel;

class ModelScreenTest : public testing::Test {
protected:
    ModelScreen screen(const std::string& model, ModelScreenInput input = {}) const {
        return makeModelScreen(*m_snapshot, nameOf(model), input, m_snapshot->takenAt);
    }
    static const ActionButton& button(const ModelScreen& screen, ModelButton which) {
        return screen.actions[static_cast<std::size_t>(which)];
    }
    fleet::SnapshotPtr m_snapshot = test::recorded("fleet.json");
};

TEST_F(ModelScreenTest, ButtonsKeepTheirOrderAndSayWhyTheyAreOff) {
    for (const fleet::ModelFacts& model : m_snapshot->models) {
        const ModelScreen s = screen(model.model.text());
        for (std::size_t i = 0; i < kModelButtons; ++i) {
            EXPECT_EQ(static_cast<std::size_t>(s.actions[i].button), i);
            EXPECT_FALSE(s.actions[i].label.empty());
            if (!s.actions[i].enabled) {
                EXPECT_FALSE(s.actions[i].second.empty()) << model.model.text() << " " << toString(s.actions[i].button);
            }
            EXPECT_EQ(s.actions[i].intent.model, model.model);
        }
        if (model.route.canary) {
            EXPECT_FALSE(button(s, ModelButton::Shadow).enabled) << "a canary answers users already";
            EXPECT_THAT(button(s, ModelButton::Shadow).second.english(), testing::EndsWith("takes traffic"));
        }
    }
}

TEST_F(ModelScreenTest, ACanaryWhoseGatesPassAsksForItsPromotion) {
    const ModelScreen s = screen("credit-risk");
    const ActionButton& promote = button(s, ModelButton::Promote);
    EXPECT_TRUE(promote.enabled);
    EXPECT_TRUE(promote.primary);
    EXPECT_EQ(promote.label.english(), "Promote to 25\u00a0%\u2026");
    EXPECT_EQ(promote.intent.action, rollout::Action::Promote);
    EXPECT_EQ(s.gates.summary.state, State::Pass);
    EXPECT_EQ(button(s, ModelButton::RollBack).second.english(), "v7 takes 100\u00a0%");
    ASSERT_EQ(s.track.size(), 4U);
    EXPECT_EQ(s.track[0].state, TrackStep::State::Current);
    EXPECT_EQ(s.track[0].note.english(), "in step 1\u00a0d 5\u00a0h");
    EXPECT_EQ(s.chips.size(), 2U) << "the waiting decision and the stable version under its limit";
}

TEST_F(ModelScreenTest, APausedRolloutOffersToResume) {
    const ActionButton pause = button(screen("churn"), ModelButton::Pause);
    EXPECT_EQ(pause.label.english(), "Resume\u2026");
    EXPECT_EQ(pause.intent.action, rollout::Action::Resume);
    EXPECT_TRUE(pause.enabled);
}

TEST_F(ModelScreenTest, AnUndecidedGateShowsItsSampleAndIsNotPass) {
    const ModelScreen s = screen("lead-scoring");
    const auto row = std::find_if(s.gates.rows.begin(), s.gates.rows.end(),
        [](const GateRow& gate) { return gate.verdict == State::Undecided; });
    ASSERT_NE(row, s.gates.rows.end());
    EXPECT_EQ(row->word.english(), "212 of 500");
    EXPECT_NE(s.gates.summary.state, State::Pass);
    EXPECT_FALSE(button(s, ModelButton::Promote).primary);
}

TEST_F(ModelScreenTest, ReadOnlyTurnsEveryWriteOff) {
    ModelScreenInput input;
    input.readOnly = true;
    for (const ActionButton& action : screen("credit-risk", input).actions)
        EXPECT_FALSE(action.enabled);
}

TEST_F(ModelScreenTest, AChartWhoseSourceIsGoneStopsAndSaysSince) {
    const Chart chart = screen("property-valuation").accuracy;
    ASSERT_EQ(chart.lines.size(), 1U);
    ASSERT_TRUE(chart.lines.front().staleSince.has_value());
    EXPECT_LT(*chart.lines.front().staleSince, m_snapshot->takenAt);
    EXPECT_TRUE(screen("cart-abandon").accuracy.lines.empty());
    EXPECT_FALSE(screen("cart-abandon").accuracy.emptyText.empty());
}

TEST_F(ModelScreenTest, ALimitFarAboveTheLatencyDoesNotStretchTheAxis) {
    const Chart chart = screen("credit-risk").latency;
    EXPECT_TRUE(chart.limitOutside);
    EXPECT_EQ(chart.low, 0.0);
    EXPECT_LE(chart.high, 25.0);
    EXPECT_EQ(chart.limitLabel.english(), "limit 50\u00a0ms is above this range");
    EXPECT_EQ(chart.lines.size(), 4U);
}

TEST_F(ModelScreenTest, DriftIsRampedAndMarkedOverItsLimit) {
    const HeatStrip strip = screen("credit-risk").drift;
    ASSERT_EQ(strip.rows.size(), 7U);
    EXPECT_EQ(strip.rows.front().feature, "unemployment_rate");
    EXPECT_EQ(strip.rows.front().levels.back(), 5);
    EXPECT_TRUE(strip.rows.front().over.back());
    EXPECT_FALSE(strip.rows.back().over.back());
    // 12 h 40 min before now, of 14 cells that reach back a day.
    ASSERT_EQ(strip.marks.size(), 1U);
    EXPECT_EQ(strip.marks.front().text.english(), "drift alert, 12 May 01:52");
    EXPECT_NEAR(strip.marks.front().at, 1 - (12 + 40.0 / 60) / 24, 1e-6);
    EXPECT_TRUE(screen("churn").drift.marks.empty());
    EXPECT_EQ(rampLevel(0.0499), 0);
    EXPECT_EQ(rampLevel(0.35), 5);
}

TEST_F(ModelScreenTest, AnUnknownModelIsSaidToBeUnknown) {
    const ModelScreen s = screen("nobody");
    EXPECT_FALSE(s.found);
    EXPECT_THAT(s.empty.text.english(), testing::HasSubstr("nobody"));
}

TEST(NiceAxis, HasFourToSevenLinesAndHoldsTheRange) {
    for (const auto& [low, high] : {std::pair{86.5, 94.2}, std::pair{0.0, 15.5}, std::pair{0.0, 0.9}, std::pair{98.6, 99.4},
             std::pair{0.0, 1234.0}}) {
        const Axis axis = niceAxis(low, high);
        const double lines = (axis.high - axis.low) / axis.step;
        EXPECT_LE(axis.low, low + 1e-9);
        EXPECT_GE(axis.high, high - 1e-9);
        EXPECT_GE(lines, 3.0) << low << " to " << high;
        EXPECT_LE(lines, 8.0) << low << " to " << high;
    }
}

/// lead-scoring with v4 beside v3, but without traffic; shadowing if there is a mirror.
fleet::Snapshot withoutCanary(const std::optional<fleet::Mirror>& mirror) {
    return test::withModel(*test::recorded("fleet.json"), "lead-scoring", [&](fleet::ModelFacts& model) {
        model.route.canary.reset();
        model.route.canaryWeight = {};
        model.rollout = {};
        model.phase = mirror ? fleet::Phase::Shadowing : fleet::Phase::Idle;
        model.mirror = mirror;
        model.versions.at(1).role = mirror ? fleet::Role::Shadow : fleet::Role::Retired;
    });
}

TEST(ShadowButton, StartsAndEndsAShadow) {
    const auto screenOf = [](const fleet::Snapshot& snapshot) {
        return makeModelScreen(snapshot, nameOf("lead-scoring"), {}, snapshot.takenAt);
    };
    const auto buttonOf = [](const ModelScreen& s) { return s.actions[static_cast<std::size_t>(ModelButton::Shadow)]; };
    const ModelScreen before = screenOf(withoutCanary({}));
    EXPECT_TRUE(buttonOf(before).enabled);
    EXPECT_EQ(buttonOf(before).label.english(), "Shadow\u2026");
    EXPECT_EQ(buttonOf(before).intent.action, rollout::Action::Shadow);
    EXPECT_EQ(buttonOf(before).intent.to, Version{4});
    EXPECT_EQ(before.shadowNote.english(), "No shadow running");

    const fleet::Mirror mirror{Version{4}, Percent::fromBasisPoints(1'000)};
    const ModelScreen during = screenOf(withoutCanary(mirror));
    EXPECT_TRUE(buttonOf(during).enabled);
    EXPECT_EQ(buttonOf(during).label.english(), "Stop shadow\u2026");
    EXPECT_EQ(buttonOf(during).intent.action, rollout::Action::Abort);
    EXPECT_EQ(during.shadowNote.english(), "v4 shadow gets copies of 10\u00a0%");
    EXPECT_TRUE(during.traffic.parts.size() == 1 && during.traffic.parts.front().version == Version{3});
    EXPECT_NE(during.trafficNote.english(), screenOf(*test::recorded("fleet.json")).trafficNote.english())
        << "copies are no traffic";
    const fleet::Mirror pending{Version{4}, Percent::fromBasisPoints(1'000), "v4 is not ready for copies yet."};
    EXPECT_EQ(screenOf(withoutCanary(pending)).shadowNote.english(), "v4 shadow is prepared");
}

TEST(ShadowButton, ThePlanSaysWhoAnswers) {
    const fleet::Snapshot snapshot = withoutCanary({});
    rollout::Intent intent{rollout::Action::Shadow, nameOf("lead-scoring")};
    intent.to = Version{4};
    const rollout::Plan plan = test::valueOf(rollout::makePlan(snapshot, intent, snapshot.takenAt));
    const PlanScreen s = makePlanScreen(plan, snapshot, "~/perch");
    EXPECT_EQ(s.title.english(), "Shadow lead-scoring by v4");
    EXPECT_EQ(s.confirmButton.english(), "Start shadow v4");
    EXPECT_EQ(s.keepButton.english(), "Keep v3 alone");
    EXPECT_EQ(s.after.parts.size(), 1U) << "no traffic moves";
    EXPECT_THAT(s.asText, testing::HasSubstr("v3 alone answers them"));
    EXPECT_THAT(s.asText, testing::HasSubstr("Mirror/lead-scoring target: not set -> v4 10"));
}

/// lead-scoring as plain Deployments of a cluster: v3 is stable, v4 has a Deployment without replicas.
fleet::Snapshot onCluster(const std::string& whyFixed) {
    return withModel(withoutCanary({}), "lead-scoring", [&](fleet::ModelFacts& model) {
        model.lever = fleet::Lever::Replicas;
        model.keeper = fleet::Keeper::Objects;
        model.aliases.clear();
        model.whyFixed = whyFixed;
        model.whyNoMirror = "Perch cannot mirror there.";
        for (fleet::VersionFacts& version : model.versions) {
            version.record.reset();
            version.replicas.desired = version.version == model.route.stable ? 3 : 0;
            version.replicas.uid = "uid-" + version.version.text();
        }
    });
}

TEST(ClusterButtons, ActOnAModelOfACluster) {
    const fleet::Snapshot snapshot = onCluster("");
    const ModelScreen s = makeModelScreen(snapshot, nameOf("lead-scoring"), {}, snapshot.takenAt);
    const ActionButton& start = s.actions[static_cast<std::size_t>(ModelButton::Promote)];
    EXPECT_TRUE(start.enabled) << start.tooltip.english();
    EXPECT_EQ(start.intent.action, rollout::Action::Start);
    EXPECT_EQ(start.intent.to, Version{4});
    EXPECT_FALSE(s.actions[static_cast<std::size_t>(ModelButton::Shadow)].enabled);
    rollout::Plan plan = test::valueOf(rollout::makePlan(snapshot, start.intent, snapshot.takenAt));
    plan.steps[1].changes = {"serve image: lead:v3 -> lead:v4", "a line"};
    const PlanScreen shown = makePlanScreen(plan, snapshot, "models");
    ASSERT_EQ(shown.rows.size(), plan.steps.size() + 2);
    EXPECT_EQ(shown.rows[2].field.english(), "serve image");
    EXPECT_EQ(shown.rows[2].before.english(), "lead:v3");
    EXPECT_EQ(shown.rows[2].after.english(), "lead:v4");
    EXPECT_EQ(shown.rows[3].after.english(), "a line");
}

TEST(ClusterButtons, AMissingRightIsOnEveryButton) {
    const fleet::Snapshot snapshot = onCluster("This sign-in may not patch deployments.apps.");
    const ModelScreen s = makeModelScreen(snapshot, nameOf("lead-scoring"), {}, snapshot.takenAt);
    for (const ActionButton& button : s.actions) {
        EXPECT_FALSE(button.enabled);
        EXPECT_EQ(button.tooltip.english(), "This sign-in may not patch deployments.apps.");
    }
}

class PlanScreenTest : public testing::Test {
protected:
    PlanScreen screen(rollout::Action action, const std::string& environment = "production") {
        fleet::Snapshot snapshot = *test::recorded("fleet.json");
        snapshot.environment = environment;
        rollout::Intent intent{action, nameOf("credit-risk")};
        intent.weight = Percent::fromBasisPoints(2'000);
        m_plan = test::valueOf(rollout::makePlan(snapshot, intent, snapshot.takenAt));
        return makePlanScreen(m_plan, snapshot, "~/perch");
    }
    rollout::Plan m_plan;
};

TEST_F(PlanScreenTest, ARollbackInProductionIsHeldNotTyped) {
    const PlanScreen s = screen(rollout::Action::RollBack);
    EXPECT_EQ(s.title.english(), "Roll back credit-risk to v7");
    EXPECT_EQ(s.confirmButton.english(), "Roll back to v7");
    EXPECT_EQ(s.keepButton.english(), "Keep canary");
    EXPECT_EQ(s.confirmation, Confirmation::Hold);
    ASSERT_EQ(s.after.parts.size(), 1U);
    EXPECT_EQ(s.after.parts.front().version, Version{7});
    EXPECT_EQ(s.rows.size(), m_plan.steps.size());
}

TEST_F(PlanScreenTest, AnyOtherWriteInProductionNeedsTheName) {
    const PlanScreen s = screen(rollout::Action::SetWeight);
    EXPECT_EQ(s.confirmation, Confirmation::TypedName);
    EXPECT_EQ(s.confirmWord, "credit-risk");
    EXPECT_EQ(screen(rollout::Action::SetWeight, "development").confirmation, Confirmation::Click);
}

TEST_F(PlanScreenTest, APlanGrowsOldAfterAMinute) {
    const PlanScreen s = screen(rollout::Action::Abort);
    EXPECT_EQ(validityText(s, s.madeAt + std::chrono::seconds(2)).english(), "Plan valid for 58\u00a0s, then read again");
    EXPECT_THAT(validityText(s, s.madeAt + std::chrono::seconds(60)).english(), testing::HasSubstr("old"));
}

TEST_F(PlanScreenTest, TheTextNamesEveryWriteWithItsUndo) {
    const PlanScreen s = screen(rollout::Action::Promote);
    for (const rollout::Step& step : m_plan.steps) {
        EXPECT_THAT(s.asText, testing::HasSubstr(step.object));
        EXPECT_THAT(s.asText, testing::HasSubstr(step.undo));
    }
}

} // namespace
} // namespace perch::present
