#include "core/rollout/phase.h"
#include "core/rollout/record_json.h"
#include "core/rollout/split.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {
namespace {

using fleet::Phase;
using fleet::RolloutRecord;
using Goal = RolloutRecord::Goal;
using test::failsWith;
using test::valueOf;
using testing::HasSubstr;

Percent percent(double value) {
    return valueOf(Percent::fromPercent(value));
}

RolloutRecord record(Goal goal, bool finished) {
    RolloutRecord record;
    record.revision = 3;
    record.id = "r1";
    record.from = Version{1};
    record.to = Version{2};
    record.weights = {percent(10), percent(25), percent(50), percent(100)};
    record.goal = goal;
    record.finished = finished;
    return record;
}

PhaseVerdict verdict(const RolloutRecord& record, std::string_view split,
                     const std::optional<fleet::Mirror>& mirror = {}) {
    ObservedObjects observed;
    observed.mirror = mirror;
    if (!split.empty()) {
        const Split parsed = valueOf(Split::parse(split));
        observed.route.stable = parsed.stable;
        observed.route.canary = parsed.canary;
        observed.route.canaryWeight = parsed.canaryWeight;
    }
    observed.replicas[Version{2}] = fleet::Replicas{1, 1, 1, {}, {}};
    return phaseOf(record, observed);
}

TEST(Split, ReadsWhatItWrites) {
    for (const char* text : {"v1 100", "v1 90, v2 10", "v7 87.5, v8 12.5", "v1 100, v2 0"})
        EXPECT_EQ(valueOf(Split::parse(text)).text(), text);
}

TEST(Split, RefusesWhatDoesNotAddUp) {
    for (const char* text : {"", "v1", "v1 90", "v1 90, v2 20", "v1 90,v2 10", "v1 50, v1 50", "1:2", "v1 90, v2 10 "})
        EXPECT_FALSE(Split::parse(text).has_value()) << text;
    EXPECT_THAT(Split::parse("v1 90, v2 20"), failsWith(ErrorCode::InvalidInput, HasSubstr("add up to 100")));
}

TEST(Mirror, ReadsWhatItWrites) {
    for (const char* text : {"", "v2 10", "v12 0.5", "v2 100"})
        EXPECT_EQ(mirrorText(valueOf(parseMirror(text))), text);
    for (const char* text : {"v2", "10", "v2 101", "v2 x"})
        EXPECT_FALSE(parseMirror(text).has_value()) << text;
}

TEST(RolloutRecordJson, AShareIsKeptAndOneOfZeroLeavesOldRecordsAsTheyAre) {
    RolloutRecord shadow = record(Goal::Shadow, true);
    EXPECT_EQ(recordText(shadow).find("mirror_share"), std::string::npos);
    shadow.mirrorShare = percent(12.5);
    EXPECT_EQ(valueOf(parseRecord(recordText(shadow))).mirrorShare, percent(12.5));
    EXPECT_EQ(recordText(valueOf(parseRecord(recordText(shadow)))), recordText(shadow));
}

TEST(RolloutRecordJson, ReadsWhatItWrites) {
    RolloutRecord whole = record(Goal::RollBack, false);
    whole.step = 2;
    whole.stepSince = fromMillis(1'795'000'000'123);
    whole.failure = "v2 did not get ready.";
    whole.hold = fleet::HoldReason::Freeze;
    whole.holdBy = "ann@host";
    whole.holdUntil = fromMillis(5);
    whole.executor = "bob@host";
    whole.fence = 9;
    whole.auditHead = "abc";
    whole.previousStable = Version{7};
    const std::string text = recordText(whole);
    EXPECT_EQ(recordText(valueOf(parseRecord(text))), text);
    EXPECT_EQ(text.find('\n'), std::string::npos);
    EXPECT_EQ(valueOf(parseRecord("")).revision, 0u);
    EXPECT_EQ(recordText(RolloutRecord{}), "");
}

TEST(RolloutRecordJson, ADamagedRecordIsAnErrorThatNamesTheField) {
    EXPECT_THAT(parseRecord(R"({"revision":1,"goal":"fly"})"), failsWith(ErrorCode::InvalidInput, HasSubstr("\"goal\"")));
    EXPECT_THAT(parseRecord(R"({"revision":"1"})"), failsWith(ErrorCode::InvalidInput, HasSubstr("\"revision\"")));
    EXPECT_THAT(parseRecord("[]"), failsWith(ErrorCode::InvalidInput, HasSubstr("not a JSON object")));
}

TEST(Phase, FollowsFromRecordAndRoute) {
    const struct {
        Goal goal;
        bool finished;
        const char* split;
        Phase phase;
    } cases[] = {
        {Goal::None, true, "v1 100", Phase::Idle},
        {Goal::Step, false, "v1 100", Phase::Preparing},
        {Goal::Step, false, "v1 90, v2 10", Phase::Stepping},
        {Goal::Step, true, "v1 90, v2 10", Phase::Stepping},
        {Goal::Promote, false, "v1 90, v2 10", Phase::Promoting},
        {Goal::Promote, false, "v2 100", Phase::Promoting},
        {Goal::Promote, true, "v2 100", Phase::Done},
        {Goal::Abort, false, "v1 90, v2 10", Phase::Aborting},
        {Goal::Abort, true, "v1 100", Phase::Aborted},
        {Goal::RollBack, false, "v1 100", Phase::RollingBack},
        {Goal::RollBack, true, "v2 100", Phase::RolledBack},
        {Goal::None, true, "v1 90, v2 10", Phase::Diverged},
        {Goal::Step, true, "v1 75, v2 25", Phase::Diverged},
        {Goal::Step, true, "v1 100", Phase::Diverged},
        {Goal::Step, false, "v3 100", Phase::Diverged},
        {Goal::Promote, true, "v1 100", Phase::Diverged},
        {Goal::Promote, false, "v1 90, v4 10", Phase::Diverged},
        {Goal::Abort, true, "v1 90, v2 10", Phase::Diverged},
        {Goal::RollBack, true, "v1 100", Phase::Diverged},
        {Goal::Promote, true, "", Phase::Diverged},
    };
    for (const auto& one : cases) {
        const PhaseVerdict seen = verdict(record(one.goal, one.finished), one.split);
        EXPECT_EQ(seen.phase, one.phase) << toString(one.goal) << one.finished << " " << one.split << ": "
                                         << toString(seen.phase);
        EXPECT_FALSE(seen.reason.empty());
    }
}

TEST(Phase, DivergedNamesBothSides) {
    EXPECT_EQ(verdict(record(Goal::Step, true), "v1 75, v2 25").reason,
        "The rollout record says v1 90, v2 10, the route says v1 75, v2 25.");
}

TEST(Phase, AVersionShadowsOnceEveryStableReplicaCopiesToIt) {
    RolloutRecord shadow = record(Goal::Shadow, true);
    shadow.mirrorShare = percent(10);
    const fleet::Mirror mirror{Version{2}, percent(10)};
    EXPECT_EQ(verdict(shadow, "v1 100", mirror).phase, Phase::Shadowing);
    const fleet::Mirror pending{Version{2}, percent(10), "1 of 2 ready replicas of v1 send copies to v2."};
    EXPECT_EQ(verdict(shadow, "v1 100", pending).phase, Phase::Preparing);
    EXPECT_EQ(verdict(shadow, "v1 100", pending).reason, pending.pending);
    EXPECT_EQ(verdict(record(Goal::Shadow, false), "v1 100", mirror).phase, Phase::Preparing);
    EXPECT_EQ(verdict(shadow, "v1 90, v2 10", mirror).phase, Phase::Diverged);
    EXPECT_EQ(verdict(shadow, "v1 100").phase, Phase::Diverged);
    EXPECT_EQ(verdict(shadow, "v1 100", fleet::Mirror{Version{3}, percent(10)}).reason,
        "The rollout record says copies to v2 10 %, the platform says copies to v3 10 %.");
    for (const Goal goal : {Goal::None, Goal::Abort})
        EXPECT_EQ(verdict(record(goal, true), "v1 100", mirror).phase, Phase::Diverged) << "a mirror that nobody recorded";
}

TEST(Phase, AHoldIsHeldAndAFailureIsFailed) {
    RolloutRecord held = record(Goal::Step, true);
    held.hold = fleet::HoldReason::Person;
    held.holdBy = "ann@host";
    EXPECT_EQ(verdict(held, "v1 90, v2 10").phase, Phase::Held);
    EXPECT_THAT(verdict(held, "v1 90, v2 10").reason, HasSubstr("ann@host"));
    EXPECT_EQ(verdict(held, "v1 50, v2 50").phase, Phase::Diverged) << "a hold never hides a disagreement";
    RolloutRecord failed = record(Goal::Promote, false);
    failed.failure = "v2 did not get ready.";
    EXPECT_EQ(verdict(failed, "v1 90, v2 10").phase, Phase::Failed);
    EXPECT_EQ(verdict(failed, "v1 90, v2 10").reason, "v2 did not get ready.");
}

} // namespace
} // namespace perch::rollout
