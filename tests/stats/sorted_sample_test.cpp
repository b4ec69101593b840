#include "core/stats/sorted_sample.h"
#include "tests/support/test_support.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace perch::stats {
namespace {

std::vector<double> sorted(std::vector<double> values) {
    std::ranges::sort(values);
    return values;
}

TEST(SortedSample, SortsFewAndManyLikeTheStandardLibrary) {
    std::mt19937_64 random(4);
    std::normal_distribution<double> normal;
    for (const std::size_t size : {0, 1, 2, 100, 4'096, 4'097, 20'000}) {
        std::vector<double> values(size);
        for (double& value : values)
            value = random() % 3 == 0 ? std::round(normal(random)) : normal(random) * std::pow(10, random() % 40) - 5;
        EXPECT_EQ(SortedSample(values).values(), sorted(values)) << size;
    }
}

TEST(SortedSample, MinusZeroIsZero) {
    for (const std::size_t size : {4, 5'000}) {
        std::vector<double> values(size, -0.0);
        values[1] = -1e-300;
        const SortedSample sample(values);
        EXPECT_EQ(sample.values().front(), -1e-300);
        EXPECT_FALSE(std::signbit(sample.values()[1]));
    }
}

} // namespace
} // namespace perch::stats
