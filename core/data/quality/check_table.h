#pragma once

#include "core/data/quality/quality_report.h"
#include "core/data/row/reference_profile.h"
#include "core/data/table.h"
#include "core/spec/quality_spec.h"

#include <map>
#include <set>
#include <string>

namespace perch::data {

/// What is known about a table beside its limits. `previous` must outlive the check.
struct QualitySubject {
    std::string label = {};                      ///< empty: no checks of a label
    const ReferenceProfile* previous = nullptr;  ///< of the training data of the version before; none: no drift check
    std::string previousName = {};               ///< of that version, for people
    std::map<std::string, FieldType> types = {}; ///< declared ones
    std::set<std::string> ignored = {};          ///< columns that are no features: weights, groups
    std::string timeColumn = {};                 ///< of a split by time; empty: none
    double testShare = 0.2;                      ///< of that split
};

/// Holds a table against the limits before a training, and looks for what limits cannot say: constant columns, columns
/// that are only identifiers, single wild numbers, columns that give the label away. What is only suspicious warns;
/// limits and what no model could be trained on fail. Drift and label leakage read at most 200,000 and 50,000 rows,
/// every n-th; everything else reads all. Pure; never fails itself.
QualityReport checkTable(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject);

/// The same with nothing known but the label and the profile of the previous training data (nullptr: none).
QualityReport checkTable(const Table& table, const spec::QualitySpec& limits, const std::string& label,
                         const ReferenceProfile* previous);

} // namespace perch::data
