#pragma once

#include "core/data/quality/check_table.h"

#include <utility>

namespace perch::data {

/// `schema`: the label and the required columns are there, and declared types are what the columns hold.
QualityCheck checkSchema(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject);

/// `rows`: at least the smallest number of rows.
QualityCheck checkRows(const Table& table, const spec::QualitySpec& limits);

/// `range`: every number of a column lies within [low, high]. The value is the number of those that do not.
QualityCheck checkRange(const Table& table, const std::string& column, std::pair<double, double> range);

/// `categories`: a column holds only these texts. The value is the number of cells that hold others.
QualityCheck checkCategories(const Table& table, const std::string& column, const std::vector<std::string>& allowed);

} // namespace perch::data
