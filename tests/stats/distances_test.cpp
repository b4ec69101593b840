#include "core/stats/intervals.h"
#include "core/stats/psi.h"
#include "tests/support/test_support.h"

#include <cmath>
#include <random>

namespace perch::stats {
namespace {

using Counts = std::vector<std::uint64_t>;
using testing::DoubleNear;
using testing::Optional;

TEST(Wilson, KnownValuesAndEdges) {
    // Published examples: 81 of 263 (Newcombe 1998), 0 of 20.
    const Interval known = *wilsonInterval(81, 263);
    EXPECT_NEAR(known.low, 0.2553, 5e-5);
    EXPECT_NEAR(known.high, 0.3662, 5e-5);
    EXPECT_EQ(wilsonInterval(0, 20)->low, 0);
    EXPECT_NEAR(wilsonInterval(0, 20)->high, 0.1611, 5e-5);
    EXPECT_EQ(wilsonInterval(20, 20)->high, 1);
    EXPECT_EQ(wilsonInterval(0, 0), std::nullopt);
}

TEST(Wilson, ContainsTheShareAndMirrors) {
    std::mt19937 random(1);
    for (int round = 0; round < 500; ++round) {
        const std::uint64_t trials = 1 + random() % 5'000;
        const std::uint64_t successes = random() % (trials + 1);
        const Interval interval = *wilsonInterval(successes, trials);
        const Interval mirrored = *wilsonInterval(trials - successes, trials);
        const double share = static_cast<double>(successes) / static_cast<double>(trials);
        EXPECT_LE(interval.low, share);
        EXPECT_GE(interval.high, share);
        EXPECT_NEAR(interval.low, 1 - mirrored.high, 1e-12);
    }
}

TEST(FairCoin, ExactTails) {
    EXPECT_EQ(fairCoinTwoSided(0, 0), 1);
    EXPECT_EQ(fairCoinTwoSided(5, 5), 1);
    EXPECT_NEAR(fairCoinTwoSided(0, 5), 2.0 / 32, 1e-15);
    EXPECT_NEAR(fairCoinTwoSided(8, 2), 2 * (1 + 10 + 45) / 1024.0, 1e-14);
    EXPECT_EQ(fairCoinTwoSided(700, 300), fairCoinTwoSided(300, 700));
    EXPECT_LT(fairCoinTwoSided(700, 300), 1e-30);
    EXPECT_NEAR(fairCoinTwoSided(500'500, 499'500), normalTwoSided(999 / std::sqrt(1e6)), 1e-5);
}

TEST(Psi, HandComputed) {
    // (0.5-0.4) ln(0.5/0.4) + (0.5-0.6) ln(0.5/0.6)
    const double plain = 0.1 * std::log(0.5 / 0.4) - 0.1 * std::log(0.5 / 0.6);
    EXPECT_THAT(psiUncorrected(Counts{500, 500}, Counts{400, 600}), Optional(DoubleNear(plain, 1e-15)));
    EXPECT_THAT(psi(Counts{500, 500}, Counts{400, 600}), Optional(DoubleNear(plain - 0.002, 1e-15)));
}

TEST(Psi, EmptyBinsCountAsAFixedShare) {
    const double p = kEmptyBinShare;
    EXPECT_THAT(psiUncorrected(Counts{10, 0}, Counts{5, 5}),
                Optional(DoubleNear(0.5 * std::log(2.0) + (p - 0.5) * std::log(p / 0.5), 1e-12)));
    EXPECT_THAT(psiUncorrected(Counts{10, 0}, Counts{9, 0}), Optional(0.0));
}

TEST(Psi, WithoutRowsThereIsNoNumber) {
    EXPECT_EQ(psi(Counts{0, 0}, Counts{1, 2}), std::nullopt);
    EXPECT_EQ(psi(Counts{1, 2}, Counts{0, 0}), std::nullopt);
    EXPECT_EQ(psi(Counts{1, 2}, Counts{1, 2, 3}), std::nullopt);
    EXPECT_EQ(jensenShannonDistance(Counts{}, Counts{}), std::nullopt);
}

TEST(Psi, CorrectionRemovesWhatChanceAdds) {
    std::mt19937 random(7);
    std::uniform_int_distribution<std::size_t> bin(0, 9);
    double plain = 0, bias = 0;
    for (int round = 0; round < 300; ++round) {
        Counts reference(10), current(10);
        for (int i = 0; i < 3'000; ++i)
            ++reference[bin(random)];
        for (int i = 0; i < 1'000; ++i)
            ++current[bin(random)];
        plain += *psiUncorrected(reference, current) / 300;
        bias = psiBias(10, 3'000, 1'000);
    }
    EXPECT_NEAR(plain, bias, 0.1 * bias);
}

TEST(Psi, IntervalHoldsTheTruthMostOfTheTime) {
    // Of the truth 0 by chance of the samples, and of a shift from 0.5/0.3/0.2 to 0.4/0.3/0.3.
    const double moved = 0.1 * std::log(0.5 / 0.4) - 0.1 * std::log(0.2 / 0.3);
    for (const bool shifted : {false, true}) {
        std::mt19937 random(9);
        std::discrete_distribution<std::size_t> before{5, 3, 2}, after{shifted ? 4.0 : 5.0, 3.0, shifted ? 3.0 : 2.0};
        int covered = 0;
        for (int round = 0; round < 400; ++round) {
            Counts reference(3), current(3);
            for (int i = 0; i < 1'500; ++i) {
                ++reference[before(random)];
                ++current[after(random)];
            }
            const Interval interval = *psiInterval(reference, current);
            covered += interval.low <= (shifted ? moved : 0) && interval.high >= (shifted ? moved : 0);
        }
        EXPECT_GE(covered, 372) << shifted; // 93 %
    }
    EXPECT_EQ(psiInterval(Counts{1, 2}, Counts{0, 0}), std::nullopt);
}

TEST(Distances, AreSymmetricBoundedAndZeroForEqualShares) {
    std::mt19937 random(8);
    for (int round = 0; round < 300; ++round) {
        Counts a(1 + random() % 20), b(a.size());
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] = random() % 4 == 0 ? 0 : random() % 1'000;
            b[i] = random() % 4 == 0 ? 0 : random() % 1'000;
        }
        a[0] += 1;
        b[0] += 1;
        EXPECT_NEAR(*psi(a, b), *psi(b, a), 1e-12);
        EXPECT_GE(*psi(a, b), 0);
        EXPECT_NEAR(*jensenShannonDistance(a, b), *jensenShannonDistance(b, a), 1e-9);
        EXPECT_LE(*jensenShannonDistance(a, b), std::sqrt(std::log(2.0)) + 1e-12);
        EXPECT_NEAR(*psiUncorrected(a, a), 0, 1e-15);
        EXPECT_NEAR(*jensenShannonDistance(a, a), 0, 1e-7);
    }
}

} // namespace
} // namespace perch::stats
