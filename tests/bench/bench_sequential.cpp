/// Does the sequential test keep its level while it is looked at after every answer?
///
///     build/release/bin/bench_sequential [streams]
///
/// Streams of canary and stable answers, 10,000 by default, with and without a difference, over weights and shares of
/// successes; labels come late by a random time that does not depend on the answer. Printed per case: the share of
/// streams that ever called the equal versions different, with its upper 95 % bound (Clopper-Pearson is not below it by
/// more than a rounding: Wilson), the power, the median time to decide and the time that `secondsToDecide` foretold.
#include "core/stats/intervals.h"
#include "core/stats/sequential.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <queue>
#include <random>
#include <thread>
#include <vector>

namespace {

using namespace perch;

struct Case {
    const char* name;
    double weight, stable, canary;
    std::uint64_t trials; ///< of both sides together, per stream
    double meanDelay;     ///< in trials until the label arrives
};

constexpr Case kCases[] = {
    {"accuracy, half, at once", 0.5, 0.9, 0.9, 50'000, 0},
    {"accuracy, 10 %, labels late", 0.1, 0.9, 0.9, 50'000, 2'000},
    {"coin, 5 %, labels late", 0.05, 0.5, 0.5, 50'000, 500},
    {"accuracy 0.99, 5 %", 0.05, 0.99, 0.99, 50'000, 0},
    {"errors 0.1 %, half", 0.5, 0.999, 0.999, 50'000, 0},
    {"errors 0.1 %, 5 %", 0.05, 0.999, 0.999, 200'000, 0},
    {"weight rises 1, 10, 50 %", 0, 0.9, 0.9, 50'000, 0},
    {"2 points worse, half", 0.5, 0.9, 0.88, 50'000, 0},
    {"2 points worse, 10 %, late", 0.1, 0.9, 0.88, 100'000, 2'000},
    {"5 points worse, 10 %", 0.1, 0.9, 0.85, 50'000, 0},
    {"errors 1 % against 0.1 %, 10 %", 0.1, 0.999, 0.99, 50'000, 0},
};

struct Arrival {
    std::uint64_t at;
    bool canary, success;
    bool operator>(const Arrival& other) const { return at > other.at; }
};

/// The trial at which the stream was decided; 0: never.
std::uint64_t runStream(const Case& which, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform;
    std::exponential_distribution<double> delay(which.meanDelay > 0 ? 1 / which.meanDelay : 1);
    std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> late;
    stats::Stream canary, stable;
    const auto decidedBy = [&](const Arrival& arrival) {
        stats::Stream& side = arrival.canary ? canary : stable;
        ++side.trials;
        side.successes += arrival.success;
        const auto difference = stats::compareAnytime(canary, stable);
        return difference && (difference->interval.low > 0 || difference->interval.high < 0);
    };
    for (std::uint64_t t = 1; t <= which.trials; ++t) {
        const double weight = which.weight > 0             ? which.weight
                              : t < which.trials / 5       ? 0.01
                              : t < which.trials * 2 / 5   ? 0.1
                                                           : 0.5;
        const bool isCanary = uniform(random) < weight;
        const bool success = uniform(random) < (isCanary ? which.canary : which.stable);
        const auto wait = which.meanDelay > 0 ? static_cast<std::uint64_t>(delay(random)) : 0;
        late.push({t + wait, isCanary, success});
        while (!late.empty() && late.top().at <= t) {
            const Arrival arrival = late.top();
            late.pop();
            if (decidedBy(arrival))
                return t;
        }
    }
    return 0;
}

void runCase(const Case& which, std::uint64_t streams) {
    std::vector<std::uint64_t> decided(streams);
    {
        std::vector<std::jthread> threads;
        const unsigned workers = std::max(1u, std::thread::hardware_concurrency());
        for (unsigned w = 0; w < workers; ++w)
            threads.emplace_back([&, w] {
                for (std::uint64_t i = w; i < streams; i += workers)
                    decided[i] = runStream(which, 1'000'003 * i + 17);
            });
    }
    std::erase(decided, 0);
    std::ranges::sort(decided);
    const double share = static_cast<double>(decided.size()) / static_cast<double>(streams);
    // One-sided 95 %: the upper end of a two-sided interval of 90 %.
    const double upper = stats::wilsonInterval(decided.size(), streams, 1.6448536269514722)->high;
    const bool equal = which.stable == which.canary;
    std::string line = fmt::format("{:<32} {} {:6.2f} %", which.name, equal ? "false alarms" : "power       ", 100 * share);
    if (equal) {
        line += fmt::format(", upper 95 % bound {:.2f} %", 100 * upper);
    } else {
        const auto foretold = stats::secondsToDecide({.weight = which.weight,
                                                      .trialsPerSecond = 1,
                                                      .stableShare = which.stable,
                                                      .canaryShare = which.canary});
        line += fmt::format(", decided after {} trials (median), foretold {:.0f}",
                            decided.empty() ? 0 : decided[decided.size() / 2], foretold.value_or(0) + which.meanDelay);
    }
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t streams = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    fmt::print("{} streams a case, level 5 %, looked at after every answer\n", streams);
    for (const Case& which : kCases)
        runCase(which, streams);
}
