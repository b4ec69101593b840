/// Does the sequential test keep its level while it is looked at after every answer?
///
///     build/release/bin/bench_sequential [streams [first case]]
///
/// Streams of canary and stable answers, 10,000 by default, with and without a difference, over weights and shares of
/// successes; labels come late by a random time that does not depend on the answer. With few events, where the bounds
/// are exact and dear, a look is taken after each failure and each 16th answer; else after every answer. Printed per
/// case: the share of streams that ever called the equal versions different, with its upper 95 % bound (Clopper-Pearson
/// is not below it by more than a rounding: Wilson), the power, the median time to decide and the time that
/// `secondsToDecide` foretold. Where both are equal or there is a margin, also how many were decided. A case costs some
/// minutes of a processor: the second argument (from 1) leaves those before it out. Exits 1 if the upper bound of a
/// case lies above 5 %.
#include "core/stats/intervals.h"
#include "core/stats/sequential.h"

#include <fmt/format.h>
#include <queue>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <span>
#include <thread>
#include <vector>

namespace {

using namespace perch;

struct Case {
    const char* name;
    double weight, stable, canary;
    std::uint64_t trials; ///< of both sides together, per stream
    double meanDelay;     ///< in trials until the label arrives
    double margin = 0;    ///< above 0: equal versions should come out as not worse
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
    {"errors 0.01 %, 10 %", 0.1, 0.9999, 0.9999, 100'000, 0},
    {"no error, 10 %, margin 0.5 pt", 0.1, 1, 1, 50'000, 0, 0.005},
    {"equal, 10 %, margin 2 pt", 0.1, 0.9, 0.9, 100'000, 0, 0.02},
    {"worse by the margin of 2 pt, 10 %", 0.1, 0.9, 0.88, 50'000, 0, 0.02},
    {"worse by the margin of 0.5 pt, rare", 0.1, 0.9999, 0.9949, 50'000, 0, 0.005},
};

struct Arrival {
    std::uint64_t at;
    bool canary, success;
    bool operator>(const Arrival& other) const { return at > other.at; }
};

struct Outcome {
    std::uint64_t decidedAt = 0; ///< trial; 0: never
    bool wrong = false;          ///< what the level is about
};

bool fewEvents(const stats::Stream& a, const stats::Stream& b) {
    const double share = static_cast<double>(a.successes + b.successes) / static_cast<double>(a.trials + b.trials);
    return static_cast<double>(std::min(a.trials, b.trials)) * std::min(share, 1 - share) < stats::kSequentialEvents;
}

/// Equal versions called different are wrong; so is one that is worse by just the margin and comes out as not worse, or
/// as worse by more.
Outcome judge(const Case& which, const stats::SequentialDifference& difference, std::uint64_t trial) {
    switch (stats::verdictOf(difference, which.margin)) {
    case stats::SequentialVerdict::Undecided:
        return {};
    case stats::SequentialVerdict::Better:
        return {trial, which.canary <= which.stable};
    case stats::SequentialVerdict::Worse:
        return {trial, which.canary >= which.stable - which.margin - 1e-12};
    case stats::SequentialVerdict::NotWorse:
        break;
    }
    return {trial, which.canary <= which.stable - which.margin + 1e-12};
}

Outcome runStream(const Case& which, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform;
    std::exponential_distribution<double> delay(which.meanDelay > 0 ? 1 / which.meanDelay : 1);
    std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> late;
    stats::Stream canary, stable;
    stats::SequentialOptions options;
    if (which.margin > 0)
        options.planned = which.margin;
    const auto lookAfter = [&](const Arrival& arrival, std::uint64_t trial) -> Outcome {
        stats::Stream& side = arrival.canary ? canary : stable;
        ++side.trials;
        side.successes += arrival.success;
        if (std::min(canary.trials, stable.trials) == 0 ||
            (trial % 16 != 0 && arrival.success && fewEvents(canary, stable)))
            return {};
        const auto difference = stats::compareAnytime(canary, stable, options);
        return difference ? judge(which, *difference, trial) : Outcome();
    };
    for (std::uint64_t t = 1; t <= which.trials; ++t) {
        const double weight = which.weight > 0           ? which.weight
                              : t < which.trials / 5     ? 0.01
                              : t < which.trials * 2 / 5 ? 0.1
                                                         : 0.5;
        const bool isCanary = uniform(random) < weight;
        const bool success = uniform(random) < (isCanary ? which.canary : which.stable);
        const auto wait = which.meanDelay > 0 ? static_cast<std::uint64_t>(delay(random)) : 0;
        late.push({t + wait, isCanary, success});
        while (!late.empty() && late.top().at <= t) {
            const Arrival arrival = late.top();
            late.pop();
            if (const Outcome outcome = lookAfter(arrival, t); outcome.decidedAt > 0)
                return outcome;
        }
    }
    return {};
}

std::vector<Outcome> runStreams(const Case& which, std::uint64_t streams) {
    std::vector<Outcome> outcomes(streams);
    std::vector<std::jthread> threads;
    const unsigned workers = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned w = 0; w < workers; ++w)
        threads.emplace_back([&, w] {
            for (std::uint64_t i = w; i < streams; i += workers)
                outcomes[i] = runStream(which, 1'000'003 * i + 17);
        });
    threads.clear(); // joins
    return outcomes;
}

/// Whether the level is kept: the upper bound of the wrong share.
bool runCase(const Case& which, std::uint64_t streams) {
    std::vector<std::uint64_t> decided;
    std::uint64_t wrong = 0;
    for (const Outcome& outcome : runStreams(which, streams)) {
        wrong += outcome.wrong;
        if (outcome.decidedAt > 0)
            decided.push_back(outcome.decidedAt);
    }
    std::ranges::sort(decided);
    const auto percent = [&](std::uint64_t part) {
        return 100 * static_cast<double>(part) / static_cast<double>(streams);
    };
    // One-sided 95 %: the upper end of a two-sided interval of 90 %.
    const double upper = stats::wilsonInterval(wrong, streams, 1.6448536269514722)->high;
    std::string line = fmt::format("{:<36} wrong {:5.2f} %, upper 95 % bound {:5.2f} %; decided {:6.2f} %", which.name,
                                   percent(wrong), 100 * upper, percent(decided.size()));
    stats::SequentialPlan plan{.weight = which.weight,
                               .trialsPerSecond = 1,
                               .stableShare = which.stable,
                               .canaryShare = which.canary,
                               .margin = which.margin};
    stats::SequentialOptions options;
    if (which.margin > 0)
        options.planned = which.margin;
    if (const auto foretold = stats::secondsToDecide(plan, options); foretold && !decided.empty())
        line += fmt::format(", after {} trials (median), foretold {:.0f}", decided[decided.size() / 2],
                            *foretold + which.meanDelay);
    fmt::print("{}\n", line);
    std::fflush(stdout);
    return upper <= 0.05;
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t streams = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    const std::size_t first = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    if (streams == 0 || first == 0 || first > std::size(kCases)) {
        fmt::print(stderr, "bench_sequential [streams [first case, 1 to {}]]\n", std::size(kCases));
        return 2;
    }
    fmt::print("{} streams a case, level 5 %, looked at after every answer\n", streams);
    bool keeps = true;
    for (const Case& which : std::span(kCases).subspan(first - 1))
        keeps = runCase(which, streams) && keeps;
    return keeps ? 0 : 1;
}
