#pragma once

#include "core/data/split.h"
#include "core/model/training_capsule.h"

#include <optional>
#include <string>

namespace perch::training {

/// Rows that neither of two versions was trained on, or why none are known.
struct UnseenRows {
    const data::Table* table = nullptr; ///< borrowed
    data::Rows rows;                    ///< empty: none are known
    std::string how;                    ///< one sentence: how that is known, or why not
};

/// A new version against production, from what their capsules say. `test` is the new version's test part of `table`,
/// `holdout` a table that a person named, or null. Known are: the named rows; the common test part of two trainings on
/// the same data with the same split; of two splits by the same time column the test rows newer than all that either
/// learned from. InvalidInput if the holdout is what one of them was trained on.
Result<UnseenRows> findUnseenRows(const model::Capsule& candidate, const model::Capsule& production,
                                  const data::Table& table, const data::Rows& test, const data::Table* holdout);

} // namespace perch::training
