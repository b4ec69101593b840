#include "core/drift/drift_record.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/drift/drift_json.h"

#include <nlohmann/json.hpp>

namespace perch::drift {

namespace {

using nlohmann::json;

constexpr std::size_t kLargestRecord = std::size_t{64} << 20;

std::optional<double> optionalNumber(const json& document, const char* field) {
    const auto found = document.find(field);
    return found == document.end() || found->is_null() ? std::nullopt : std::optional(found->get<double>());
}

std::optional<bool> optionalFlag(const json& document, const char* field) {
    const json& value = document.at(field);
    return value.is_null() ? std::nullopt : std::optional(value.get<bool>());
}

std::optional<stats::Interval> intervalIn(const json& document) {
    const std::optional<double> low = optionalNumber(document, "low"), high = optionalNumber(document, "high");
    return low && high ? std::optional(stats::Interval{*low, *high}) : std::nullopt;
}

std::optional<DriftBin::Range> rangeIn(const json& bin) {
    const auto range = bin.find("range");
    if (range == bin.end())
        return std::nullopt;
    const auto end = [&](std::size_t side) {
        const json& value = range->at(side);
        return value.is_null() ? std::nullopt : std::optional(value.get<double>());
    };
    return DriftBin::Range{end(0), end(1)};
}

void readMissing(const json& document, DriftedColumn& column) {
    column.referenceMissing = document.at("reference").get<std::uint64_t>();
    column.currentMissing = document.at("current").get<std::uint64_t>();
    column.missingChanged = document.at("changed").get<bool>();
    if (document.contains("change"))
        column.missing =
            stats::ShareDifference{document.at("change").get<double>(),
                                   intervalIn(document).value_or(stats::Interval{}), document.at("p").get<double>()};
}

DriftedColumn readColumn(const json& document, ColumnRole role) {
    DriftedColumn column{.name = document.at("name").get<std::string>(),
                         .role = role,
                         .method = document.at("method").get<std::string>(),
                         .score = optionalNumber(document, "score"),
                         .threshold = document.at("threshold").get<double>(),
                         .p = optionalNumber(document, "p"),
                         .adjustedP = optionalNumber(document, "p_adjusted"),
                         .interval = intervalIn(document),
                         .drifted = optionalFlag(document, "drifted"),
                         .importance = document.value("importance", 0.0),
                         .effect = document.value("effect", 0.0),
                         .note = document.value("note", "")};
    readMissing(document.at("missing"), column);
    column.referenceInfinite = document.at("infinite").at("reference").get<std::uint64_t>();
    column.currentInfinite = document.at("infinite").at("current").get<std::uint64_t>();
    if (document.contains("distances"))
        column.distances = document.at("distances").get<std::map<std::string, double>>();
    if (document.contains("bins")) {
        for (const json& bin : document.at("bins"))
            column.bins.push_back({bin.at("label").get<std::string>(), bin.at("reference").get<double>(),
                                   bin.at("current").get<double>(), rangeIn(bin)});
    }
    if (document.contains("unseen")) {
        const json& unseen = document.at("unseen");
        column.unseen = {unseen.at("rows").get<std::uint64_t>(), unseen.at("share").get<double>(),
                         unseen.at("examples").get<std::vector<std::string>>()};
    }
    return column;
}

DriftReport readReport(const json& document) {
    const json& dataset = document.at("dataset");
    DriftReport report{.preset = document.at("preset").get<std::string>() == "perch" ? DriftPreset::Perch
                                                                                     : DriftPreset::Evidently,
                       .referenceRows = document.at("rows").at("reference").get<std::uint64_t>(),
                       .currentRows = document.at("rows").at("current").get<std::uint64_t>(),
                       .share = dataset.at("share").get<double>(),
                       .score = optionalNumber(dataset, "score"),
                       .interval = intervalIn(dataset),
                       .threshold = dataset.at("threshold").get<double>(),
                       .drifted = optionalFlag(dataset, "drifted"),
                       .reason = dataset.at("reason").get<std::string>(),
                       .notes = document.at("notes").get<std::vector<std::string>>()};
    for (const json& feature : document.at("features"))
        report.columns.push_back(readColumn(feature, ColumnRole::Feature));
    for (const auto& [field, role] :
         {std::pair("label", ColumnRole::Label), std::pair("prediction", ColumnRole::Prediction)}) {
        if (!document.at(field).is_null())
            report.columns.push_back(readColumn(document.at(field), role));
    }
    return report;
}

ModelsCompared readAgainst(const json& document) {
    return {.model = document.at("model").get<std::string>(),
            .rows = document.at("rows").get<std::uint64_t>(),
            .scores = readColumn(document.at("score"), ColumnRole::Feature),
            .agreement = optionalNumber(document, "agreement"),
            .agreed = intervalIn(document),
            .meanDifference = document.at("mean_difference").get<double>()};
}

ConceptDrift readConcept(const json& document) {
    const json& error = document.at("error_rate");
    ConceptDrift drift{.referenceRows = document.at("rows").at("reference").get<std::uint64_t>(),
                       .currentRows = document.at("rows").at("current").get<std::uint64_t>(),
                       .referenceError = error.at("reference").get<double>(),
                       .currentError = error.at("current").get<double>(),
                       .error = {error.at("change").get<double>(), intervalIn(error).value_or(stats::Interval{}),
                                 error.at("p").get<double>()},
                       .referenceGap = document.at("calibration_gap").at("reference").get<double>(),
                       .currentGap = document.at("calibration_gap").at("current").get<double>()};
    if (const json& change = document.at("change_at_equal_score"); !change.is_null())
        drift.change =
            stats::StratifiedChange{change.at("value").get<double>(), intervalIn(change).value_or(stats::Interval{}),
                                    change.at("p").get<double>(), change.at("strata").get<std::uint64_t>()};
    drift.drifted = document.at("drifted").get<bool>();
    drift.reason = document.at("reason").get<std::string>();
    return drift;
}

PerformanceEstimate readEstimate(const json& document) {
    PerformanceEstimate estimate{.rows = document.at("rows").get<std::uint64_t>(),
                                 .checkRows = document.at("check_rows").get<std::uint64_t>(),
                                 .calibrated = document.at("recalibrated").get<bool>(),
                                 .calibrationError = optionalNumber(document, "calibration_error"),
                                 .reason = document.at("reason").get<std::string>()};
    for (std::size_t m = 0; m < stats::kEstimatedMetrics; ++m) {
        const json& metric = document.at("metrics").at(std::string(stats::kEstimatedMetricNames[m]));
        if (const std::optional<double> value = optionalNumber(metric, "estimated"))
            estimate.current.metrics[m] = stats::EstimatedMetric{*value, intervalIn(metric)};
        estimate.realized[m] = optionalNumber(metric, "realized");
        estimate.checkEstimated[m] = optionalNumber(metric.at("check"), "estimated");
        estimate.checkRealized[m] = optionalNumber(metric.at("check"), "realized");
    }
    return estimate;
}

Result<DriftRecord> readRecord(const json& document) {
    DriftRecord record{.model = TRY(ModelName::parse(document.at("model").get<std::string>())),
                       .subject = document.at("subject").get<std::string>(),
                       .reference = document.at("reference").get<std::string>(),
                       .current = document.at("current").get<std::string>(),
                       .alpha = document.at("alpha").get<double>(),
                       .madeAt = fromMillis(document.at("made_at_ms").get<std::int64_t>())};
    record.drift.report = readReport(document);
    if (const json& against = document.at("against"); !against.is_null())
        record.drift.against = readAgainst(against);
    if (const json& meaning = document.at("concept"); !meaning.is_null())
        record.drift.conceptDrift = readConcept(meaning);
    if (const json& estimate = document.at("estimate"); !estimate.is_null())
        record.drift.estimate = readEstimate(estimate);
    // Older records have none.
    if (const auto effects = document.find("accuracy_effect"); effects != document.end() && !effects->is_null())
        record.drift.accuracy = AccuracyEffects{effects->at("rows").get<std::uint64_t>(),
                                                effects->at("reference").get<double>(),
                                                effects->at("current").get<double>(),
                                                effects->at("features").get<std::map<std::string, double>>()};
    return record;
}

} // namespace

json toJson(const DriftRecord& record) {
    json document = toJson(record.drift);
    document["model"] = record.model.text();
    document["subject"] = record.subject;
    document["reference"] = record.reference;
    document["current"] = record.current;
    document["alpha"] = record.alpha;
    document["made_at"] = toIso8601(record.madeAt);
    document["made_at_ms"] = toMillis(record.madeAt);
    return document;
}

Result<DriftRecord> driftRecordFromJson(const json& document, const std::string& what) {
    try {
        Result<DriftRecord> record = readRecord(document);
        if (record)
            return record;
        return fail(ErrorCode::Corrupt, "{} is not a drift report: {}", what, record.error().message);
    } catch (const json::exception& problem) {
        return fail(ErrorCode::Corrupt, "{} is not a drift report: {}.", what, problem.what());
    }
}

Result<DriftRecord> recordDrift(const Workspace& workspace, const DriftNames& names, const ModelDriftRequest& request,
                                const DriftOptions& options, const DriftReading& reading, std::stop_token stop) {
    DriftRecord record{.model = names.model,
                       .subject = names.subject,
                       .reference = names.reference,
                       .current = names.current,
                       .alpha = options.alpha};
    record.drift = TRY(measureModelDrift(data::sourceOfPath(names.reference), data::sourceOfPath(names.current),
                                         request, options, reading, std::move(stop)));
    record.madeAt = reading.clock->now();
    TRY(storeDrift(workspace, record));
    return record;
}

std::filesystem::path driftFile(const Workspace& workspace, const ModelName& model) {
    return workspace.models() / model.text() / "drift.json";
}

Result<void> storeDrift(const Workspace& workspace, const DriftRecord& record) {
    const std::filesystem::path file = driftFile(workspace, record.model);
    TRY(makePrivateFolder(file.parent_path()));
    return writeFileAtomically(file, toJson(record).dump(-1, ' ', false, json::error_handler_t::replace));
}

Result<DriftRecord> loadDrift(const Workspace& workspace, const ModelName& model) {
    const std::filesystem::path file = driftFile(workspace, model);
    const std::string text = TRY(readFile(file, kLargestRecord));
    Result<json> document = parseJson(text, file.string());
    if (!document)
        return fail(ErrorCode::Corrupt, "{}", document.error().message);
    return driftRecordFromJson(*document, file.string());
}

} // namespace perch::drift
