#pragma once

#include "core/model/predict/xgboost_library.h"

#include <cstdint>
#include <string>
#include <vector>

namespace perch::test {

/// An XGBoost model on random rows. Its seed chooses task, depth, growth, categories (one-hot or partitions), missing
/// values, weights, constraints, base score and trees per round.
struct RandomModel {
    std::string ubj;
    std::string description;                ///< the parameters, for a failing test
    std::vector<std::uint32_t> categories;  ///< per feature; 0: a number

    static RandomModel train(const model::XgboostLibrary& library, std::uint64_t seed, int rounds);
    /// A binary model to take times with: 500 trees of depth 5 on 20 features, the last `categories` of them with 12
    /// categories each.
    static RandomModel ofUsualSize(const model::XgboostLibrary& library, std::size_t categories);

    /// Rows of `categories.size()` floats: numbers on and off the model's thresholds, NaN, infinite, and codes that no
    /// training row had.
    std::vector<float> rows(std::size_t count, std::uint64_t seed) const;
};

} // namespace perch::test
