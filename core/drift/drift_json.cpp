#include "core/drift/drift_json.h"

#include <nlohmann/json.hpp>

namespace perch::drift {

namespace {

template <typename Value>
nlohmann::json orNull(const std::optional<Value>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

void putInterval(nlohmann::json& document, const std::optional<stats::Interval>& interval) {
    document["low"] = interval ? nlohmann::json(interval->low) : nlohmann::json(nullptr);
    document["high"] = interval ? nlohmann::json(interval->high) : nlohmann::json(nullptr);
}

nlohmann::json missingToJson(const DriftedColumn& column) {
    nlohmann::json document = {{"reference", column.referenceMissing}, {"current", column.currentMissing}};
    if (column.missing) {
        document["change"] = column.missing->value;
        putInterval(document, column.missing->interval);
        document["p"] = column.missing->p;
    }
    document["changed"] = column.missingChanged;
    return document;
}

nlohmann::json columnToJson(const DriftedColumn& column, DriftPreset preset) {
    nlohmann::json document = {
        {"name", column.name},
        {"method", column.method},
        {"score", orNull(column.score)},
        {"threshold", column.threshold},
        {"p", orNull(column.p)},
        {"drifted", orNull(column.drifted)},
        {"effect", column.effect},
        {"missing", missingToJson(column)},
        {"infinite", {{"reference", column.referenceInfinite}, {"current", column.currentInfinite}}}};
    if (!column.note.empty())
        document["note"] = column.note;
    if (preset == DriftPreset::Evidently)
        return document;
    putInterval(document, column.interval);
    document["p_adjusted"] = orNull(column.adjustedP);
    document["importance"] = column.importance;
    document["distances"] = column.distances;
    document["bins"] = nlohmann::json::array();
    for (const DriftBin& bin : column.bins) {
        nlohmann::json& entry = document["bins"].emplace_back();
        entry = {{"label", bin.label}, {"reference", bin.reference}, {"current", bin.current}};
        if (bin.range)
            entry["range"] = {orNull(bin.range->low), orNull(bin.range->high)};
    }
    document["unseen"] = {
        {"rows", column.unseen.rows}, {"share", column.unseen.share}, {"examples", column.unseen.examples}};
    return document;
}

nlohmann::json againstToJson(const ModelsCompared& compared) {
    nlohmann::json document = {{"model", compared.model},
                               {"rows", compared.rows},
                               {"mean_difference", compared.meanDifference},
                               {"agreement", orNull(compared.agreement)},
                               {"score", columnToJson(compared.scores, DriftPreset::Perch)}};
    putInterval(document, compared.agreed);
    return document;
}

nlohmann::json conceptToJson(const ConceptDrift& drift) {
    nlohmann::json error = {{"reference", drift.referenceError},
                            {"current", drift.currentError},
                            {"change", drift.error.value},
                            {"p", drift.error.p}};
    putInterval(error, drift.error.interval);
    nlohmann::json change;
    if (drift.change) {
        change = {{"value", drift.change->value}, {"p", drift.change->p}, {"strata", drift.change->strata}};
        putInterval(change, drift.change->interval);
    }
    return {{"drifted", drift.drifted},
            {"reason", drift.reason},
            {"rows", {{"reference", drift.referenceRows}, {"current", drift.currentRows}}},
            {"error_rate", error},
            {"calibration_gap", {{"reference", drift.referenceGap}, {"current", drift.currentGap}}},
            {"change_at_equal_score", change}};
}

nlohmann::json estimateToJson(const PerformanceEstimate& estimate) {
    nlohmann::json metrics;
    for (std::size_t m = 0; m < stats::kEstimatedMetrics; ++m) {
        const auto& metric = estimate.current.metrics[m];
        nlohmann::json entry = {
            {"estimated", metric ? nlohmann::json(metric->value) : nlohmann::json(nullptr)},
            {"realized", orNull(estimate.realized[m])},
            {"check",
             {{"estimated", orNull(estimate.checkEstimated[m])}, {"realized", orNull(estimate.checkRealized[m])}}}};
        putInterval(entry, metric ? metric->interval : std::nullopt);
        metrics[std::string(stats::kEstimatedMetricNames[m])] = std::move(entry);
    }
    return {{"rows", estimate.rows},
            {"metrics", metrics},
            {"recalibrated", estimate.calibrated},
            {"calibration_error", orNull(estimate.calibrationError)},
            {"check_rows", estimate.checkRows},
            {"reason", estimate.reason}};
}

nlohmann::json accuracyToJson(const AccuracyEffects& effects) {
    return {{"rows", effects.rows},         {"reference", effects.reference},
            {"current", effects.current},   {"change", effects.change()},
            {"features", effects.features}, {"unexplained", effects.unexplained()}};
}

} // namespace

nlohmann::json toJson(const ModelDrift& drift) {
    nlohmann::json document = toJson(drift.report);
    document["against"] = drift.against ? againstToJson(*drift.against) : nlohmann::json(nullptr);
    document["concept"] = drift.conceptDrift ? conceptToJson(*drift.conceptDrift) : nlohmann::json(nullptr);
    document["estimate"] = drift.estimate ? estimateToJson(*drift.estimate) : nlohmann::json(nullptr);
    document["accuracy_effect"] = drift.accuracy ? accuracyToJson(*drift.accuracy) : nlohmann::json(nullptr);
    return document;
}

nlohmann::json toJson(const DriftReport& report) {
    nlohmann::json dataset = {{"drifted", orNull(report.drifted)},
                              {"share", report.share},
                              {"threshold", report.threshold},
                              {"reason", report.reason}};
    if (report.preset == DriftPreset::Perch) {
        dataset["score"] = orNull(report.score);
        putInterval(dataset, report.interval);
    }
    nlohmann::json document = {{"preset", report.preset == DriftPreset::Perch ? "perch" : "evidently"},
                               {"rows", {{"reference", report.referenceRows}, {"current", report.currentRows}}},
                               {"dataset", dataset},
                               {"features", nlohmann::json::array()},
                               {"label", nullptr},
                               {"prediction", nullptr},
                               {"notes", report.notes}};
    for (const DriftedColumn& column : report.columns) {
        nlohmann::json entry = columnToJson(column, report.preset);
        if (column.role == ColumnRole::Feature)
            document["features"].push_back(std::move(entry));
        else
            document[column.role == ColumnRole::Label ? "label" : "prediction"] = std::move(entry);
    }
    return document;
}

} // namespace perch::drift
