#include "core/base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace perch {
namespace {

TEST(InParallel, DoesEveryPieceOnce) {
    std::vector<std::atomic<int>> done(1'000);
    inParallel(done.size(), [&](std::size_t i) { ++done[i]; });
    for (const std::atomic<int>& times : done)
        EXPECT_EQ(times, 1);
    inParallel(0, [](std::size_t) { FAIL(); });
}

TEST(InParallel, TakesNoMoreThreadsThanItMay) {
    const std::thread::id here = std::this_thread::get_id();
    inParallel(100, [&](std::size_t) { EXPECT_EQ(std::this_thread::get_id(), here); }, 1);
}

TEST(InParallel, ThrowsWhatAPieceThrewOnceNoneRuns) {
    std::atomic<int> running = 0;
    const auto work = [&](std::size_t i) {
        ++running;
        std::this_thread::yield();
        --running;
        if (i == 3)
            throw std::runtime_error("three");
    };
    EXPECT_THROW(inParallel(100, work), std::runtime_error);
    EXPECT_EQ(running, 0);
}

} // namespace
} // namespace perch
