#include "core/data/quality/check_table.h"

#include "core/base/parallel.h"

#include "core/data/quality/column_checks.h"
#include "core/data/quality/drift_check.h"
#include "core/data/quality/duplicate_check.h"
#include "core/data/quality/label_checks.h"
#include "core/data/quality/rule_checks.h"
#include "core/data/quality/time_check.h"

#include <functional>
#include <vector>

namespace perch::data {

QualityReport checkTable(const Table& table, const spec::QualitySpec& limits, const QualitySubject& subject) {
    QualityReport report{.source = table.fingerprint.source, .rows = table.rows, .columns = table.columns.size()};
    const std::optional<LabelView> label = LabelView::of(table, subject.label);
    std::vector<std::function<QualityCheck()>> checks = {
        [&] { return checkSchema(table, limits, subject); },
        [&] { return checkRows(table, limits); },
        [&] { return checkMissing(table, limits, subject); },
        [&] { return checkConstant(table, subject); },
        [&] { return checkDuplicates(table, limits); },
    };
    for (const auto& [column, range] : limits.ranges)
        checks.emplace_back([&] { return checkRange(table, column, range); });
    for (const auto& [column, allowed] : limits.categories)
        checks.emplace_back([&] { return checkCategories(table, column, allowed); });
    if (label) {
        checks.emplace_back([&] { return checkLabel(table, limits, *label); });
        checks.emplace_back([&] { return checkLeakage(table, subject, *label); });
    }
    if (!subject.timeColumn.empty())
        checks.emplace_back([&] { return checkTimeOrder(table, subject); });
    checks.emplace_back([&] { return checkIdentifiers(table, subject); });
    checks.emplace_back([&] { return checkOutliers(table, subject); });
    if (subject.previous != nullptr)
        checks.emplace_back([&] { return checkDrift(table, limits, subject); });
    report.checks.resize(checks.size());
    inParallel(checks.size(), [&](std::size_t i) { report.checks[i] = checks[i](); });
    return report;
}

QualityReport checkTable(const Table& table, const spec::QualitySpec& limits, const std::string& label,
                         const ReferenceProfile* previous) {
    return checkTable(table, limits, QualitySubject{.label = label, .previous = previous});
}

} // namespace perch::data
