#pragma once

#include "core/data/quality/label_view.h"

#include <cstdint>
#include <optional>
#include <span>

namespace perch::data {

/// How one column alone ranks the rows of a class before all others.
struct SingleColumnAuc {
    /// What ranked: the number, the category (or the number taken as one), or whether the cell is missing.
    enum class By { Number, Category, Missing } by = By::Number;
    double auc = 0.5; ///< area under the ROC curve, the better direction
    std::size_t classIndex = 0;
};

/// The best of the ways in which the column can rank, over all classes (of two, the second). A category is scored by
/// the share of the class among its other rows, so that a rare category proves nothing. Nothing if no class and its
/// rest both have 20 of the rows. The label must be classes.
std::optional<SingleColumnAuc> singleColumnAuc(const Column& column, const LabelView& label,
                                               std::span<const std::uint32_t> rows);

} // namespace perch::data
