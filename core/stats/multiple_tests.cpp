#include "core/stats/multiple_tests.h"

#include <algorithm>
#include <numeric>

namespace perch::stats {

namespace {

std::vector<double> stepUp(std::span<const double> p, double factor) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return p[a] > p[b]; });
    std::vector<double> adjusted(p.size());
    double smallest = 1;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const double rank = static_cast<double>(order.size() - i);
        smallest = std::min(smallest, p[order[i]] * factor * static_cast<double>(p.size()) / rank);
        adjusted[order[i]] = smallest;
    }
    return adjusted;
}

} // namespace

std::vector<double> adjustByBenjaminiHochberg(std::span<const double> p) {
    return stepUp(p, 1);
}

std::vector<double> adjustByBenjaminiYekutieli(std::span<const double> p) {
    double factor = 0;
    for (std::size_t k = 1; k <= p.size(); ++k)
        factor += 1 / static_cast<double>(k);
    return stepUp(p, factor);
}

} // namespace perch::stats
