#include "core/rollout/gate.h"
#include "tests/support/test_support.h"

namespace perch::rollout {
namespace {

using telemetry::LiveState;

fleet::LiveValue value(double point, double low, double high, std::uint64_t sample) {
    fleet::LiveValue result;
    result.value = point;
    result.low = low;
    result.high = high;
    result.sampleSize = sample;
    result.state = LiveState::Ok;
    return result;
}

const Gate kAccuracy{Quantity::Accuracy, Version{8}, Sense::AtLeast, 0.90, 500};
const Gate kDrift{Quantity::Drift, Version{8}, Sense::AtMost, 0.15, 1000};

TEST(Gate, TheIntervalDecidesNotThePoint) {
    EXPECT_EQ(judge(kAccuracy, value(0.926, 0.915, 0.935, 4'000)).verdict, Verdict::Pass);
    EXPECT_EQ(judge(kAccuracy, value(0.905, 0.895, 0.915, 4'000)).verdict, Verdict::Undecided);
    EXPECT_EQ(judge(kAccuracy, value(0.895, 0.885, 0.905, 4'000)).verdict, Verdict::Undecided);
    EXPECT_EQ(judge(kAccuracy, value(0.881, 0.872, 0.890, 4'000)).verdict, Verdict::Fail);
    EXPECT_EQ(judge(kDrift, value(0.05, 0.04, 0.06, 4'000)).verdict, Verdict::Pass);
    EXPECT_EQ(judge(kDrift, value(0.21, 0.2, 0.22, 4'000)).verdict, Verdict::Fail);
    EXPECT_EQ(judge(kDrift, value(0.15, 0.14, 0.16, 4'000)).verdict, Verdict::Undecided);
}

TEST(Gate, OnTheLimitIsInside) {
    EXPECT_EQ(judge(kAccuracy, value(0.90, 0.90, 0.90, 500)).verdict, Verdict::Pass);
    EXPECT_EQ(judge(kDrift, value(0.15, 0.15, 0.15, 1'000)).verdict, Verdict::Pass);
}

TEST(Gate, ASmallSampleIsNeverPassOrFail) {
    EXPECT_EQ(judge(kAccuracy, value(0.99, 0.98, 1.0, 499)).verdict, Verdict::Undecided);
    EXPECT_EQ(judge(kAccuracy, value(0.10, 0.05, 0.2, 499)).verdict, Verdict::Undecided);
    EXPECT_THAT(judge(kAccuracy, value(0.99, 0.98, 1.0, 380)).reason, testing::HasSubstr("380 of the 500"));
}

TEST(Gate, NoValueIsNoDataOrSourceDown) {
    fleet::LiveValue none;
    EXPECT_EQ(judge(kAccuracy, none).verdict, Verdict::NoData);
    none.state = LiveState::SourceDown;
    EXPECT_EQ(judge(kAccuracy, none).verdict, Verdict::SourceDown);
    fleet::LiveValue stale = value(0.99, 0.98, 1.0, 4'000);
    stale.state = LiveState::Stale;
    EXPECT_EQ(judge(kAccuracy, stale).verdict, Verdict::Undecided);
}

} // namespace
} // namespace perch::rollout
