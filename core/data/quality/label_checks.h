#pragma once

#include "core/data/quality/check_table.h"
#include "core/data/quality/label_view.h"

namespace perch::data {

/// `label`: no label is missing, and there is something to tell apart: two classes of at least three rows, none rarer
/// than its limit (it warns below 1 %), or different numbers. The value is the share of the rarest class.
QualityCheck checkLabel(const Table& table, const spec::QualitySpec& limits, const LabelView& label);

/// `leakage`: warns of features that predict the label all by themselves, which in practice were written down after the
/// fact: an area under the ROC curve above 0.995 (see single_column_auc.h), for a number as the label a correlation
/// above 0.995. Measured on at most 50,000 rows, every n-th. The value is the worst column's.
QualityCheck checkLeakage(const Table& table, const QualitySubject& subject, const LabelView& label);

} // namespace perch::data
