#pragma once

#include "core/data/seeded_random.h"
#include "core/demo/credit_economy.h"

#include <vector>

namespace perch::demo {

/// So many loans of one economy.
inline std::vector<Loan> draw(std::uint64_t seed, Economy economy, std::size_t count) {
    data::SeededRandom random(seed);
    std::vector<Loan> loans;
    while (loans.size() < count)
        loans.push_back(drawLoan(random, economy));
    return loans;
}

} // namespace perch::demo
