#include "core/data/quality/check_table.h"

#include "core/data/quality/column_checks.h"
#include "core/data/quality/drift_check.h"
#include "core/data/quality/duplicate_check.h"
#include "core/data/quality/label_checks.h"
#include "core/data/quality/rule_checks.h"
#include "core/data/quality/time_check.h"

namespace perch::data {

QualityReport checkTable(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject) {
    QualityReport report{.source = table.fingerprint.source, .rows = table.rows, .columns = table.columns.size()};
    report.checks.push_back(checkSchema(table, limits, subject));
    report.checks.push_back(checkRows(table, limits));
    report.checks.push_back(checkMissing(table, limits, subject));
    report.checks.push_back(checkConstant(table, subject));
    report.checks.push_back(checkDuplicates(table, limits));
    for (const auto& [column, range] : limits.ranges)
        report.checks.push_back(checkRange(table, column, range));
    for (const auto& [column, allowed] : limits.categories)
        report.checks.push_back(checkCategories(table, column, allowed));
    if (const std::optional<LabelView> label = LabelView::of(table, subject.label)) {
        report.checks.push_back(checkLabel(table, limits, *label));
        report.checks.push_back(checkLeakage(table, subject, *label));
    }
    if (!subject.timeColumn.empty())
        report.checks.push_back(checkTimeOrder(table, subject));
    report.checks.push_back(checkIdentifiers(table, subject));
    report.checks.push_back(checkOutliers(table, subject));
    if (subject.previous != nullptr)
        report.checks.push_back(checkDrift(table, limits, subject));
    return report;
}

QualityReport checkTable(const Table& table, const spec::QualitySpec& limits, const std::string& label,
                         const ReferenceProfile* previous) {
    return checkTable(table, limits, QualitySubject{.label = label, .previous = previous});
}

} // namespace perch::data
