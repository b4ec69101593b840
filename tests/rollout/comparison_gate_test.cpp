#include "core/rollout/comparison_gate.h"
#include "core/rollout/record_json.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::rollout {
namespace {

using telemetry::LiveState;
using testing::HasSubstr;

fleet::LiveValue share(double value, std::uint64_t trials, LiveState state = LiveState::Ok) {
    fleet::LiveValue result;
    result.value = value;
    result.sampleSize = trials;
    result.window = Seconds(3'600);
    result.state = state;
    return result;
}

/// v7 stable and v8 canary at 10 %, 10 labels and 20 requests a second.
fleet::ModelFacts modelWith(fleet::LiveValue canary, fleet::LiveValue stable) {
    fleet::ModelFacts model;
    model.route.stable = Version{7};
    model.route.canary = Version{8};
    model.route.canaryWeight = Percent::fromBasisPoints(1'000);
    model.versions = {fleet::VersionFacts{Version{7}, fleet::Role::Stable},
                      fleet::VersionFacts{Version{8}, fleet::Role::Canary}};
    model.versions[0].sinceStart.accuracy = std::move(stable);
    model.versions[1].sinceStart.accuracy = std::move(canary);
    model.versions[0].quality.accuracy = share(0.9, 32'400);
    model.versions[1].quality.accuracy = share(0.9, 3'600);
    model.versions[0].quality.requestsPerSecond = share(18, 64'800);
    model.versions[1].quality.requestsPerSecond = share(2, 7'200);
    return model;
}

GateVerdict accuracyOf(const fleet::ModelFacts& model) {
    return comparisonsOf(model, Version{8}).at(0);
}

GateVerdict errorsOf(double canary, std::uint64_t canaryTrials, double stable, std::uint64_t stableTrials) {
    fleet::ModelFacts model = modelWith({}, {});
    model.versions[0].sinceStart.errorRate = share(stable, stableTrials);
    model.versions[1].sinceStart.errorRate = share(canary, canaryTrials);
    return comparisonsOf(model, Version{8}).at(1);
}

TEST(ComparisonGate, PassesWhenItIsNotWorseByTheMargin) {
    const GateVerdict verdict = accuracyOf(modelWith(share(0.901, 9'000), share(0.9, 81'000)));
    EXPECT_EQ(verdict.verdict, Verdict::Pass);
    EXPECT_TRUE(verdict.gate.required);
    EXPECT_EQ(verdict.gate.against, "v7");
    EXPECT_NEAR(*verdict.value.value, 0.001, 1e-9);
    EXPECT_GT(*verdict.value.low, -0.02);
    EXPECT_THAT(verdict.reason,
                HasSubstr("The live accuracy of v8 is not worse than that of v7: +0.1\u00a0pt ("));
    EXPECT_THAT(verdict.reason, HasSubstr("95\u00a0% at any look), limit \u22122.0\u00a0pt."));
    const GateVerdict better = accuracyOf(modelWith(share(0.95, 9'000), share(0.9, 81'000)));
    EXPECT_EQ(better.verdict, Verdict::Pass);
    EXPECT_THAT(better.reason, HasSubstr("is better than"));
}

TEST(ComparisonGate, FailsOnlyWhenItIsWorseByMoreThanTheMargin) {
    const GateVerdict verdict = accuracyOf(modelWith(share(0.82, 3'000), share(0.9, 27'000)));
    EXPECT_EQ(verdict.verdict, Verdict::Fail);
    EXPECT_THAT(verdict.reason, HasSubstr("is worse than that of v7: \u22128.0\u00a0pt"));
    EXPECT_FALSE(verdict.decidesIn.has_value());
    EXPECT_EQ(accuracyOf(modelWith(share(0.87, 300), share(0.9, 2'700))).verdict, Verdict::Undecided)
        << "worse by the point";
}

TEST(ComparisonGate, UndecidedSaysHowLongItTakesAtThisWeightAndTraffic) {
    const fleet::ModelFacts model = modelWith(share(0.9, 300), share(0.9, 2'700));
    const GateVerdict verdict = accuracyOf(model);
    ASSERT_EQ(verdict.verdict, Verdict::Undecided);
    ASSERT_TRUE(verdict.decidesIn.has_value());
    EXPECT_THAT(verdict.reason, HasSubstr("cannot be told yet from"));
    EXPECT_THAT(verdict.reason, HasSubstr("It decides in about " + aboutTime(*verdict.decidesIn) +
                                          " at 10 % and 10 labelled requests/s."));
    fleet::ModelFacts half = model;
    half.route.canaryWeight = Percent::fromBasisPoints(5'000);
    EXPECT_LT(*accuracyOf(half).decidesIn, *verdict.decidesIn);
    fleet::ModelFacts slow = model;
    slow.versions[0].quality.accuracy.window = Seconds(360'000);
    slow.versions[1].quality.accuracy.window = Seconds(360'000);
    EXPECT_THAT(accuracyOf(slow).reason, HasSubstr("at 10 % and 360 labelled requests an hour."));
    fleet::ModelFacts silent = model;
    silent.versions[0].quality.accuracy = {};
    silent.versions[1].quality.accuracy = {};
    EXPECT_FALSE(accuracyOf(silent).decidesIn.has_value());
    EXPECT_THAT(accuracyOf(silent).reason, HasSubstr("Nothing comes in now"));
}

TEST(ComparisonGate, AFewTrialsAreCountedAndNothingIsSaid) {
    const GateVerdict verdict = accuracyOf(modelWith(share(0, 34), share(0.9, 306)));
    EXPECT_EQ(verdict.verdict, Verdict::Undecided);
    EXPECT_FALSE(verdict.value.value.has_value());
    EXPECT_EQ(verdict.value.sampleSize, 34U);
    EXPECT_THAT(verdict.reason, HasSubstr("v8 has 34 labelled requests since the rollout began and v7 has 306: nothing "
                                          "is said before 100 of each."));
}

TEST(ComparisonGate, MissingStaleAndDownNeverPass) {
    const auto good = [](LiveState state = LiveState::Ok) { return share(0.95, 90'000, state); };
    EXPECT_EQ(accuracyOf(modelWith(good(), good())).verdict, Verdict::Pass);
    EXPECT_EQ(accuracyOf(modelWith({}, good())).verdict, Verdict::NoData);
    const GateVerdict missing = accuracyOf(modelWith(good(), {}));
    EXPECT_EQ(missing.verdict, Verdict::NoData);
    EXPECT_EQ(missing.reason, "There is no count of the labelled requests of v7 since the rollout began.");
    EXPECT_EQ(accuracyOf(modelWith(good(), good(LiveState::SourceDown))).verdict, Verdict::SourceDown);
    const GateVerdict stale = accuracyOf(modelWith(good(LiveState::Stale), good()));
    EXPECT_EQ(stale.verdict, Verdict::Undecided);
    EXPECT_THAT(stale.reason, HasSubstr("old."));
}

TEST(ComparisonGate, ErrorsAreBadWhenThereAreMore) {
    EXPECT_EQ(errorsOf(0.03, 5'000, 0.001, 45'000).verdict, Verdict::Fail);
    const GateVerdict better = errorsOf(0.001, 5'000, 0.05, 45'000);
    EXPECT_EQ(better.verdict, Verdict::Pass);
    EXPECT_LT(*better.value.high, 0);
    EXPECT_LT(*better.value.low, *better.value.value);
    EXPECT_EQ(errorsOf(0, 5'000, 0, 45'000).verdict, Verdict::Pass) << "a service that does not fail is not worse";
    EXPECT_EQ(errorsOf(0, 500, 0, 4'500).verdict, Verdict::Undecided);
    EXPECT_EQ(errorsOf(0, 500, 0, 4'500).gate.limit, 0.005);
}

TEST(ComparisonGate, IsThereForTheCanaryOnlyAndAsTheModelWants) {
    fleet::ModelFacts model = modelWith(share(0.9, 9'000), share(0.9, 81'000));
    EXPECT_EQ(gatesOf(model, Version{8}).size(), 6U);
    EXPECT_EQ(gatesOf(model, Version{7}).size(), 4U) << "stable is not compared with itself";
    model.comparison.use = spec::ComparisonSpec::Use::Advisory;
    EXPECT_FALSE(accuracyOf(model).gate.required);
    model.comparison.use = spec::ComparisonSpec::Use::Off;
    EXPECT_TRUE(comparisonsOf(model, Version{8}).empty());
    model.comparison = {};
    model.route.canary.reset();
    EXPECT_TRUE(comparisonsOf(model, Version{8}).empty());
}

TEST(RolloutRecordStart, IsKeptAndOldRecordsCountFromTheirStep) {
    fleet::RolloutRecord record;
    record.revision = 3;
    record.startedAt = record.stepSince = fromMillis(1'000);
    const std::string first = recordText(record);
    EXPECT_THAT(first, testing::Not(HasSubstr("started_at")));
    EXPECT_EQ(test::valueOf(parseRecord(first)).startedAt, fromMillis(1'000));
    record.stepSince = fromMillis(9'000);
    const fleet::RolloutRecord second = test::valueOf(parseRecord(recordText(record)));
    EXPECT_EQ(second.startedAt, fromMillis(1'000));
    EXPECT_EQ(second.stepSince, fromMillis(9'000));
    // What an older program wrote comes out as it went in: the platform compares the texts.
    const std::string old = R"({"revision":2,"step_since":5000})";
    EXPECT_EQ(test::valueOf(parseRecord(old)).startedAt, fromMillis(5'000));
    EXPECT_THAT(recordText(test::valueOf(parseRecord(old))), testing::Not(HasSubstr("started_at")));
    EXPECT_FALSE(parseRecord(R"({"revision":2,"started_at":"soon"})").has_value());
}

TEST(AboutTime, HasOneUnit) {
    EXPECT_EQ(aboutTime(Seconds(0.2)), "1\u00a0s");
    EXPECT_EQ(aboutTime(Seconds(200)), "3\u00a0min");
    EXPECT_EQ(aboutTime(Seconds(5 * 3'600 + 1'300)), "5\u00a0h");
    EXPECT_EQ(aboutTime(Seconds(80 * 3'600)), "3\u00a0d");
}

} // namespace
} // namespace perch::rollout
