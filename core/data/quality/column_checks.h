#pragma once

#include "core/data/quality/check_table.h"

namespace perch::data {

/// Whether a column is one that a model would read.
bool isFeature(const Column& column, const QualitySubject& subject);

/// `missing`: the share of missing cells of each column, worst first; the label's own are the business of `label`.
QualityCheck checkMissing(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject);

/// `constant`: warns of features with one value, which teach nothing. The value is their number.
QualityCheck checkConstant(const Table& table, const QualitySubject& subject);

/// `identifiers`: warns of features that differ in nearly every row: texts with at least 0.9 as many categories as
/// values, whole numbers that never repeat. A model learns the rows by heart from them. The value is their number.
QualityCheck checkIdentifiers(const Table& table, const QualitySubject& subject);

/// `outliers`: warns of numbers ten times as far from the median as the 99.99 percentile of their side (in small tables
/// the fifth number from the end): typing errors and stand-ins for missing such as 999999. The value is their number.
QualityCheck checkOutliers(const Table& table, const QualitySubject& subject);

} // namespace perch::data
