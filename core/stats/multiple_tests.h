#pragma once

#include <span>
#include <vector>

/// P values adjusted for the number of tests that were made, so that rejecting all at or below q keeps the expected
/// share of false alarms among the rejected at q. In the order given; each p is in [0, 1].
namespace perch::stats {

/// Benjamini and Hochberg (1995), step-up: for tests that are independent or positively dependent.
std::vector<double> adjustByBenjaminiHochberg(std::span<const double> p);

/// Benjamini and Yekutieli (2001): for any dependence; larger by the factor 1 + 1/2 + ... + 1/n.
std::vector<double> adjustByBenjaminiYekutieli(std::span<const double> p);

} // namespace perch::stats
