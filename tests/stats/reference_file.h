#pragma once

#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <vector>

namespace perch::stats {

/// How near our numbers come to those of a reference implementation: both compute in doubles, in another order.
inline constexpr double kSameAsReference = 1e-9;

/// A file of tests/fixtures.
inline nlohmann::json referenceFile(const char* name) {
    return nlohmann::json::parse(test::valueOf(readFile(test::sourceFolder() / "tests/fixtures" / name)));
}

template <typename Value>
std::vector<Value> listOf(const nlohmann::json& list) {
    return list.get<std::vector<Value>>();
}

} // namespace perch::stats
