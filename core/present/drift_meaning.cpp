#include "core/base/number_format.h"
#include "core/present/drift_parts.h"
#include "core/present/words.h"

namespace perch::present {

namespace {

using stats::PerformanceMetric;

Text estimatedName(std::size_t metric) {
    switch (static_cast<PerformanceMetric>(metric)) {
    case PerformanceMetric::Accuracy:
        return PERCH_TEXT("Drift", "Accuracy");
    case PerformanceMetric::Precision:
        return PERCH_TEXT("Drift", "Precision");
    case PerformanceMetric::Recall:
        return PERCH_TEXT("Drift", "Recall");
    case PerformanceMetric::F1:
        return PERCH_TEXT("Drift", "F1");
    case PerformanceMetric::RocAuc:
        break;
    }
    return PERCH_TEXT("Drift", "ROC AUC");
}

/// Shares are percent, as on every screen; F1 and ROC AUC are metrics under 1.
bool isPercent(std::size_t metric) {
    const auto which = static_cast<PerformanceMetric>(metric);
    return which != PerformanceMetric::F1 && which != PerformanceMetric::RocAuc;
}

std::string estimatedText(std::size_t metric, double value) {
    return isPercent(metric) ? formatPercent(value) : formatDecimal(value, 3);
}

std::string intervalText(std::size_t metric, const stats::Interval& interval) {
    return isPercent(metric) ? fmt::format("{:.1f}–{:.1f}", interval.low * 100, interval.high * 100)
                             : fmt::format("{:.3f}–{:.3f}", interval.low, interval.high);
}

Text optionalMetric(std::size_t metric, const std::optional<double>& value) {
    return value ? verbatim(estimatedText(metric, *value)) : noneText();
}

Text checkText(std::size_t metric, const drift::PerformanceEstimate& estimate) {
    const auto& [estimated, realized] = std::pair(estimate.checkEstimated[metric], estimate.checkRealized[metric]);
    if (!estimated || !realized)
        return noneText();
    return verbatim(isPercent(metric) ? fmt::format("{:.1f} / {:.1f}", *estimated * 100, *realized * 100)
                                      : fmt::format("{:.3f} / {:.3f}", *estimated, *realized));
}

} // namespace

DriftMeaning makeDriftMeaning(const drift::ModelDrift& drift) {
    DriftMeaning meaning;
    if (!drift.conceptDrift) {
        meaning.verdict = {State::NoData, PERCH_TEXT("Drift", "No labels")};
        meaning.emptyText = PERCH_TEXT("Drift", "Labels in both tables would tell whether equal inputs still mean the "
                                                "same.");
        return meaning;
    }
    const drift::ConceptDrift& found = *drift.conceptDrift;
    meaning.verdict = found.drifted ? Chip{State::Fail, PERCH_TEXT("Drift", "Changed")}
                                    : Chip{State::Pass, PERCH_TEXT("Drift", "No change seen")};
    const Tone tone = found.drifted ? Tone::Fail : Tone::Plain;
    meaning.figures.push_back({PERCH_TEXT("Drift", "Error rate"),
                               {verbatim(fmt::format("{} → {}", formatDecimal(found.referenceError * 100, 1),
                                                     formatPercent(found.currentError))),
                                tone},
                               {}});
    if (found.change)
        meaning.figures.push_back({PERCH_TEXT("Drift", "At equal scores"),
                                   {verbatim(formatPoints(found.change->value)), tone},
                                   PERCH_TEXT("Drift", "p %1", {formatPValue(found.change->p)})});
    meaning.reason = PERCH_TEXT("Drift", "%1 labelled rows against %2.",
                                {formatCount(found.currentRows), formatCount(found.referenceRows)});
    return meaning;
}

DriftEstimate makeDriftEstimate(const drift::ModelDrift& drift) {
    DriftEstimate estimate;
    if (!drift.estimate) {
        estimate.emptyText = PERCH_TEXT("Drift", "Performance is estimated for models of two classes.");
        return estimate;
    }
    const drift::PerformanceEstimate& found = *drift.estimate;
    estimate.note = PERCH_TEXT("Drift", "%1 rows, without labels", {formatCount(found.rows)});
    for (std::size_t m = 0; m < stats::kEstimatedMetrics; ++m) {
        DriftEstimate::Row row{.metric = estimatedName(m)};
        if (const auto& metric = found.current.metrics[m]) {
            row.estimated = {verbatim(estimatedText(m, metric->value))};
            row.interval = metric->interval ? verbatim(intervalText(m, *metric->interval)) : Text();
        } else {
            row.estimated = {noneText(), Tone::Muted, State::NoData};
        }
        row.realized = optionalMetric(m, found.realized[m]);
        row.check = checkText(m, found);
        estimate.rows.push_back(std::move(row));
    }
    estimate.reason = verbatim(found.reason);
    return estimate;
}

} // namespace perch::present
