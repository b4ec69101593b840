#include "core/stats/sequential.h"
#include "tests/support/test_support.h"

#include <random>

namespace perch::stats {
namespace {

constexpr double kExactLow1000 = 0.9923144390875731, kExactLow9000 = 0.9990211740058774;

bool excludesZero(const SequentialDifference& difference) {
    return difference.interval.low > 0 || difference.interval.high < 0;
}

/// The trials after which the stream was decided; 0: never.
std::uint64_t decidedAfter(std::mt19937_64& random, double canaryShare, double weight, std::uint64_t trials) {
    std::uniform_real_distribution<double> uniform;
    Stream canary, stable;
    for (std::uint64_t t = 1; t <= trials; ++t) {
        const bool isCanary = uniform(random) < weight;
        Stream& side = isCanary ? canary : stable;
        ++side.trials;
        side.successes += uniform(random) < (isCanary ? canaryShare : 0.9);
        const auto difference = compareAnytime(canary, stable);
        if (difference && excludesZero(*difference))
            return t;
    }
    return 0;
}

TEST(Sequential, SaysNothingOfTooFewTrials) {
    EXPECT_FALSE(compareAnytime({}, {}).has_value());
    EXPECT_FALSE(compareAnytime({99, 50}, {5'000, 2'500}).has_value());
    EXPECT_TRUE(compareAnytime({100, 50}, {5'000, 2'500}).has_value());
}

// Without failures the end has a closed form: p = (B(n + 1/2, 1/2) / (40 pi))^(1/n), with 40 = 2 / alpha.
TEST(Sequential, WithoutFailuresTheBoundsAreExact) {
    const auto none = *compareAnytime({1'000, 1'000}, {9'000, 9'000});
    EXPECT_EQ(none.value, 0);
    EXPECT_NEAR(none.interval.low, kExactLow1000 - 1, 1e-9);
    EXPECT_NEAR(none.interval.high, 1 - kExactLow9000, 1e-9);
    EXPECT_EQ(verdictOf(none, 0.02), SequentialVerdict::NotWorse);
    EXPECT_EQ(verdictOf(none), SequentialVerdict::Undecided);
}

TEST(Sequential, FewEventsCountBothWays) {
    const auto few = *compareAnytime({2'000, 1'998}, {9'000, 8'999});
    EXPECT_LT(few.interval.low, few.value);
    EXPECT_GT(few.interval.high, few.value);
    EXPECT_LT(few.interval.high - few.interval.low, 0.02);
    const auto broken = *compareAnytime({100, 60}, {1'000, 1'000});
    EXPECT_EQ(verdictOf(broken, 0.005), SequentialVerdict::Worse);
    // Ever more trials without a failure only narrow it.
    double width = 2;
    for (std::uint64_t trials = 100; trials < 100'000; trials *= 2) {
        const auto now = *compareAnytime({trials, trials}, {trials, trials});
        EXPECT_LT(now.interval.high - now.interval.low, width) << trials;
        width = now.interval.high - now.interval.low;
    }
}

TEST(Sequential, WhatWasSeenShortensTheTime) {
    SequentialPlan plan{.weight = 0.1, .trialsPerSecond = 10, .stableShare = 0.9, .canaryShare = 0.9, .margin = 0.02};
    const double whole = *secondsToDecide(plan);
    const double half = whole / 2 * plan.trialsPerSecond;
    const auto seen = [](double trials) {
        return Stream{static_cast<std::uint64_t>(trials), static_cast<std::uint64_t>(trials * 0.9)};
    };
    plan.canarySeen = seen(half * plan.weight);
    plan.stableSeen = seen(half * (1 - plan.weight));
    EXPECT_NEAR(*secondsToDecide(plan), whole / 2, whole / 10);
    plan.canarySeen = seen(half * 3 * plan.weight);
    plan.stableSeen = seen(half * 3 * (1 - plan.weight));
    EXPECT_EQ(*secondsToDecide(plan), 0);
}

TEST(Sequential, KeepsItsLevelUnderContinuousPeeking) {
    std::mt19937_64 random(5);
    int alarms = 0;
    for (int stream = 0; stream < 200; ++stream)
        alarms += decidedAfter(random, 0.9, 0.2, 3'000) > 0;
    EXPECT_LE(alarms, 15); // 10 are expected at most; the benchmark is exact
}

TEST(Sequential, FindsADifferenceAboutWhenItSays) {
    std::mt19937_64 random(6);
    const double foretold =
        *secondsToDecide({.weight = 0.3, .trialsPerSecond = 10, .stableShare = 0.9, .canaryShare = 0.7});
    double sum = 0;
    for (int stream = 0; stream < 40; ++stream) {
        const std::uint64_t trials = decidedAfter(random, 0.7, 0.3, 20'000);
        ASSERT_GT(trials, 0U);
        sum += static_cast<double>(trials) / 10 / 40;
    }
    EXPECT_GT(sum, 0.4 * foretold);
    EXPECT_LT(sum, 1.6 * foretold);
}

TEST(Sequential, IsSymmetricAndNarrowsWithTrials) {
    const auto forth = *compareAnytime({1'000, 880}, {2'000, 1'800}),
               back = *compareAnytime({2'000, 1'800}, {1'000, 880});
    EXPECT_NEAR(forth.value, -back.value, 1e-15);
    EXPECT_NEAR(forth.interval.low, -back.interval.high, 1e-15);
    const auto more = *compareAnytime({10'000, 8'800}, {20'000, 18'000});
    EXPECT_LT(more.interval.high - more.interval.low, forth.interval.high - forth.interval.low);
    const auto strict = *compareAnytime({1'000, 880}, {2'000, 1'800}, {.alpha = 0.01});
    EXPECT_GT(strict.interval.high - strict.interval.low, forth.interval.high - forth.interval.low);
}

TEST(Sequential, VerdictsFollowTheInterval) {
    const auto at = [](double low, double high) { return SequentialDifference{(low + high) / 2, {low, high}}; };
    EXPECT_EQ(verdictOf(at(0.01, 0.02)), SequentialVerdict::Better);
    EXPECT_EQ(verdictOf(at(-0.03, -0.02), 0.01), SequentialVerdict::Worse);
    EXPECT_EQ(verdictOf(at(-0.03, -0.005), 0.01), SequentialVerdict::Undecided);
    EXPECT_EQ(verdictOf(at(-0.005, 0.02), 0.01), SequentialVerdict::NotWorse);
    EXPECT_EQ(verdictOf(at(-0.005, 0.02)), SequentialVerdict::Undecided);
}

TEST(Sequential, TimeToDecideFallsWithTrafficAndNeedsADifference) {
    const SequentialPlan plan{.weight = 0.1, .trialsPerSecond = 10, .stableShare = 0.9, .canaryShare = 0.87};
    SequentialPlan faster = plan, half = plan, equal = plan, margin = plan;
    faster.trialsPerSecond = 20;
    half.weight = 0.5;
    equal.canaryShare = 0.9;
    margin.canaryShare = 0.9;
    margin.margin = 0.02;
    EXPECT_NEAR(*secondsToDecide(faster), *secondsToDecide(plan) / 2, 0.1);
    EXPECT_LT(*secondsToDecide(half), *secondsToDecide(plan));
    EXPECT_FALSE(secondsToDecide(equal).has_value());
    EXPECT_TRUE(secondsToDecide(margin).has_value());
    SequentialPlan nothing = plan;
    nothing.weight = 0;
    EXPECT_FALSE(secondsToDecide(nothing).has_value());
    nothing.weight = 0.1;
    nothing.canaryShare = nothing.stableShare = 1;
    EXPECT_FALSE(secondsToDecide(nothing).has_value());
}

} // namespace
} // namespace perch::stats
