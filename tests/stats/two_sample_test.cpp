#include "core/stats/gamma.h"
#include "core/stats/two_sample.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <random>

namespace perch::stats {
namespace {

using DrawnSample = std::vector<double>;

DrawnSample makeSample(std::mt19937_64& random, std::size_t size, double shift) {
    std::normal_distribution<double> normal(shift, 1);
    DrawnSample sample(size);
    for (double& value : sample)
        value = normal(random);
    return sample;
}

TEST(TwoSamples, AreSymmetricAndZeroForTheSame) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 30; ++round) {
        const DrawnSample a = makeSample(random, 1 + random() % 80, 0), b = makeSample(random, 1 + random() % 80, 0.5);
        EXPECT_NEAR(*wasserstein(a, b), *wasserstein(b, a), 1e-12);
        EXPECT_NEAR(kolmogorovSmirnov(a, b)->p, kolmogorovSmirnov(b, a)->p, 1e-9);
        EXPECT_EQ(*wasserstein(a, a), 0);
        EXPECT_EQ(kolmogorovSmirnov(a, a)->p, 1);
        DrawnSample moved = a;
        for (double& value : moved)
            value += 2;
        EXPECT_NEAR(*wasserstein(a, moved), 2, 1e-12);
    }
}

TEST(TwoSamples, NeedValuesOnBothSides) {
    EXPECT_EQ(kolmogorovSmirnov(DrawnSample{}, DrawnSample{1}), std::nullopt);
    EXPECT_EQ(wasserstein(DrawnSample{1}, DrawnSample{}), std::nullopt);
    EXPECT_EQ(normedWasserstein(DrawnSample{}, DrawnSample{}), std::nullopt);
    EXPECT_EQ(chiSquare(std::vector<std::uint64_t>{0}, std::vector<std::uint64_t>{1}), std::nullopt);
    EXPECT_EQ(twoShares(0, 0, 1, 2), std::nullopt);
}

TEST(KolmogorovSmirnov, ExactAndAsymptoticAgreeAtTheLimit) {
    std::mt19937_64 random(2);
    const DrawnSample a = makeSample(random, 600, 0);
    DrawnSample b = makeSample(random, 10'000, 0.03);
    const double exact = kolmogorovSmirnov(a, b)->p;
    b.push_back(0.02); // one more value: beyond the limit
    EXPECT_NEAR(kolmogorovSmirnov(a, b)->p, exact, 0.01);
}

TEST(KolmogorovSmirnov, RejectsAboutAsOftenAsItSays) {
    std::mt19937_64 random(3);
    int rejected = 0;
    for (int round = 0; round < 400; ++round)
        rejected += kolmogorovSmirnov(makeSample(random, 60, 0), makeSample(random, 50, 0))->p <= 0.05;
    EXPECT_LE(rejected, 36);
    EXPECT_GE(rejected, 6);
}

TEST(ChiSquare, NothingExpectedIsCertainDrift) {
    const auto test = *chiSquare(std::vector<std::uint64_t>{10, 0}, std::vector<std::uint64_t>{5, 5});
    EXPECT_TRUE(std::isinf(test.statistic));
    EXPECT_EQ(test.p, 0);
    EXPECT_EQ(chiSquare(std::vector<std::uint64_t>{10}, std::vector<std::uint64_t>{5})->p, 1);
}

TEST(ChiSquare, TailOfTwoDegreesIsExponential) {
    for (const double x : {0.0, 0.1, 1.0, 5.0, 50.0, 500.0})
        EXPECT_NEAR(chiSquareUpperTail(x, 2) / std::exp(-x / 2), 1, 1e-12) << x;
}

TEST(TwoShares, KnownValue) {
    // 45 of 100 against 60 of 100: z = -0.15 / sqrt(0.525 * 0.475 * 0.02)
    EXPECT_NEAR(twoShares(45, 100, 60, 100)->statistic, -2.1240, 1e-4);
    EXPECT_EQ(twoShares(5, 5, 7, 7)->p, 1);
}

} // namespace
} // namespace perch::stats
