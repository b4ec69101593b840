#include "core/evaluate/evaluation_json.h"

#include "core/base/file.h"
#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::evaluate {

namespace {

using nlohmann::json;
using OptionalNumber = std::optional<double>;

constexpr std::size_t kLargestFile = std::size_t{64} << 20;

json number(const OptionalNumber& value) {
    return value ? json(*value) : json(nullptr);
}

json toJson(const MetricValue& metric) {
    return {{"value", number(metric.value)}, {"low", number(metric.low)}, {"high", number(metric.high)}};
}

json toJson(const MetricValues& metrics) {
    json document = json::object();
    for (const auto& [name, metric] : metrics)
        document[name] = toJson(metric);
    return document;
}

json toJson(const std::vector<EvaluationPoint>& points) {
    json list = json::array();
    for (const EvaluationPoint& point : points)
        list.push_back({point.x, point.y, point.threshold});
    return list;
}

json toJson(const EvaluationCurves& curves) {
    json calibration = json::array();
    for (const CalibrationPoint& point : curves.calibration)
        calibration.push_back({{"mean_score", point.meanScore},
                               {"positive_rate", point.positiveRate},
                               {"low", point.low},
                               {"high", point.high},
                               {"rows", point.rows}});
    return {{"roc", toJson(curves.roc)},
            {"pr", toJson(curves.precisionRecall)},
            {"gain", toJson(curves.gain)},
            {"calibration", calibration}};
}

json toJson(const stats::ScoreCells& cells) {
    return {{"exact", cells.exact()},
            {"lowest", cells.lowest()},
            {"score_sums", cells.scoreSums()},
            {"negatives", cells.negatives()},
            {"positives", cells.positives()}};
}

json toJson(const EvaluatedModel& model, WithCells cells) {
    json importance = json::array();
    for (const FeatureImportance& feature : model.importance)
        importance.push_back({{"feature", feature.feature}, {"share", feature.share}});
    json document = {
        {"title", model.title},
        {"digest", model.digest.hex()},
        {"threshold", model.threshold},
        {"threshold_rule", model.thresholdRule},
        {"metrics", toJson(model.metrics)},
        {"confusion",
         {{"true_positives", model.confusion.truePositives},
          {"false_positives", model.confusion.falsePositives},
          {"true_negatives", model.confusion.trueNegatives},
          {"false_negatives", model.confusion.falseNegatives}}},
        {"curves", toJson(model.curves)},
        {"histogram", {{"negatives", model.histogram.negatives}, {"positives", model.histogram.positives}}},
        {"importance", importance}};
    if (cells == WithCells::Yes)
        document["cells"] = toJson(model.cells);
    return document;
}

json toJson(const Slice& slice) {
    return {{"name", slice.name},
            {"rows", slice.rows},
            {"accuracy", {{"value", slice.accuracy}, {"low", slice.low}, {"high", slice.high}}},
            {"accuracy_elsewhere", slice.accuracyElsewhere},
            {"baseline_accuracy", number(slice.baselineAccuracy)},
            {"p", slice.p}};
}

json toJson(const Fairness& fairness) {
    json groups = json::array();
    for (const GroupRates& group : fairness.groups)
        groups.push_back({{"group", group.group},
                          {"rows", group.rows},
                          {"accuracy", toJson(group.accuracy)},
                          {"selection_rate", toJson(group.selectionRate)},
                          {"true_positive_rate", toJson(group.truePositiveRate)},
                          {"false_positive_rate", toJson(group.falsePositiveRate)}});
    return {{"column", fairness.column},
            {"groups", groups},
            {"minimum_rows", fairness.minimumRows},
            {"gaps",
             {{"selection_rate", number(fairness.selectionGap)},
              {"true_positive_rate", number(fairness.truePositiveGap)},
              {"false_positive_rate", number(fairness.falsePositiveGap)}}}};
}

// Reading back. A document of the wrong shape makes nlohmann throw; evaluationFromJson catches.

OptionalNumber numberAt(const json& document, const char* key) {
    const json& value = document.at(key);
    return value.is_null() ? OptionalNumber() : OptionalNumber(value.get<double>());
}

MetricValue metricFrom(const json& document) {
    return {numberAt(document, "value"), numberAt(document, "low"), numberAt(document, "high")};
}

std::vector<EvaluationPoint> pointsFrom(const json& list) {
    std::vector<EvaluationPoint> points;
    for (const json& point : list)
        points.push_back({point.at(0).get<double>(), point.at(1).get<double>(), point.at(2).get<double>()});
    return points;
}

EvaluationCurves curvesFrom(const json& document) {
    EvaluationCurves curves{.roc = pointsFrom(document.at("roc")),
                            .precisionRecall = pointsFrom(document.at("pr")),
                            .gain = pointsFrom(document.at("gain")),
                            .calibration = {}};
    for (const json& point : document.at("calibration"))
        curves.calibration.push_back({.meanScore = point.at("mean_score").get<double>(),
                                      .positiveRate = point.at("positive_rate").get<double>(),
                                      .low = point.at("low").get<double>(),
                                      .high = point.at("high").get<double>(),
                                      .rows = point.at("rows").get<std::uint64_t>()});
    return curves;
}

using Counts = std::vector<std::uint64_t>;

Result<EvaluatedModel> evaluatedModelFrom(const json& document, const std::string& what) {
    EvaluatedModel model;
    model.title = document.at("title").get<std::string>();
    if (const auto hex = document.at("digest").get<std::string>(); !hex.empty())
        model.digest = TRY(Digest::parse(hex));
    model.threshold = document.at("threshold").get<double>();
    model.thresholdRule = document.at("threshold_rule").get<std::string>();
    for (const auto& [name, metric] : document.at("metrics").items())
        model.metrics.emplace(name, metricFrom(metric));
    const json& confusion = document.at("confusion");
    model.confusion = {.truePositives = confusion.at("true_positives").get<std::uint64_t>(),
                       .falsePositives = confusion.at("false_positives").get<std::uint64_t>(),
                       .trueNegatives = confusion.at("true_negatives").get<std::uint64_t>(),
                       .falseNegatives = confusion.at("false_negatives").get<std::uint64_t>()};
    model.curves = curvesFrom(document.at("curves"));
    model.histogram = {document.at("histogram").at("negatives").get<Counts>(),
                       document.at("histogram").at("positives").get<Counts>()};
    for (const json& feature : document.at("importance"))
        model.importance.push_back({feature.at("feature").get<std::string>(), feature.at("share").get<double>()});
    const json& cells = document.at("cells");
    std::optional<stats::ScoreCells> read =
        stats::ScoreCells::fromParts(cells.at("exact").get<bool>(), cells.at("lowest").get<std::vector<double>>(),
                                     cells.at("score_sums").get<std::vector<double>>(),
                                     cells.at("negatives").get<Counts>(), cells.at("positives").get<Counts>());
    if (!read)
        return fail(ErrorCode::Corrupt, "{}: the score cells do not fit together.", what);
    model.cells = *std::move(read);
    return model;
}

Verdict verdictFrom(const std::string& text) {
    for (const Verdict verdict : {Verdict::Better, Verdict::NotWorse, Verdict::Worse}) {
        if (text == toString(verdict))
            return verdict;
    }
    return Verdict::Undecided;
}

Comparison comparisonFrom(const json& document) {
    Comparison comparison;
    for (const auto& [name, difference] : document.at("difference").items())
        comparison.differences.emplace(name, Difference{numberAt(difference, "value"), numberAt(difference, "low"),
                                                        numberAt(difference, "high"), numberAt(difference, "p"),
                                                        difference.at("test").get<std::string>()});
    comparison.verdict = verdictFrom(document.at("verdict").get<std::string>());
    const json& decision = document.at("decision");
    comparison.metric = decision.at("metric").get<std::string>();
    comparison.margin = decision.at("margin").get<double>();
    comparison.reason = decision.at("reason").get<std::string>();
    return comparison;
}

Slice sliceFrom(const json& document) {
    const json& accuracy = document.at("accuracy");
    return {.name = document.at("name").get<std::string>(),
            .rows = document.at("rows").get<std::uint64_t>(),
            .accuracy = accuracy.at("value").get<double>(),
            .low = accuracy.at("low").get<double>(),
            .high = accuracy.at("high").get<double>(),
            .accuracyElsewhere = document.at("accuracy_elsewhere").get<double>(),
            .baselineAccuracy = numberAt(document, "baseline_accuracy"),
            .p = document.at("p").get<double>()};
}

Fairness fairnessFrom(const json& document) {
    Fairness fairness;
    fairness.column = document.at("column").get<std::string>();
    fairness.minimumRows = document.at("minimum_rows").get<std::uint64_t>();
    for (const json& group : document.at("groups"))
        fairness.groups.push_back({.group = group.at("group").get<std::string>(),
                                   .rows = group.at("rows").get<std::uint64_t>(),
                                   .accuracy = metricFrom(group.at("accuracy")),
                                   .selectionRate = metricFrom(group.at("selection_rate")),
                                   .truePositiveRate = metricFrom(group.at("true_positive_rate")),
                                   .falsePositiveRate = metricFrom(group.at("false_positive_rate"))});
    const json& gaps = document.at("gaps");
    fairness.selectionGap = numberAt(gaps, "selection_rate");
    fairness.truePositiveGap = numberAt(gaps, "true_positive_rate");
    fairness.falsePositiveGap = numberAt(gaps, "false_positive_rate");
    return fairness;
}

Result<Evaluation> readEvaluation(const json& document, const std::string& what) {
    Evaluation evaluation;
    evaluation.model = TRY(ModelName::parse(document.at("model").get<std::string>()));
    evaluation.label = document.at("label").get<std::string>();
    evaluation.positive = document.at("positive").get<std::string>();
    evaluation.data = document.at("data").get<std::string>();
    evaluation.madeAt = fromMillis(document.at("made_at_ms").get<std::int64_t>());
    evaluation.rows = document.at("rows").get<std::uint64_t>();
    evaluation.positives = document.at("positives").get<std::uint64_t>();
    evaluation.candidate = TRY(evaluatedModelFrom(document.at("candidate"), what));
    if (!document.at("baseline_model").is_null()) {
        evaluation.baseline = TRY(evaluatedModelFrom(document.at("baseline_model"), what));
        evaluation.comparison = comparisonFrom(document);
    }
    for (const json& slice : document.at("slices"))
        evaluation.slices.push_back(sliceFrom(slice));
    if (!document.at("fairness").empty())
        evaluation.fairness = fairnessFrom(document.at("fairness"));
    evaluation.intervals = document.at("intervals").get<std::string>();
    evaluation.warnings = document.at("warnings").get<std::vector<std::string>>();
    return evaluation;
}

} // namespace

json toJson(const Evaluation& evaluation, WithCells cells) {
    json document = {{"model", evaluation.model.text()},
                     {"label", evaluation.label},
                     {"positive", evaluation.positive},
                     {"data", evaluation.data},
                     {"made_at", toIso8601(evaluation.madeAt)},
                     {"made_at_ms", toMillis(evaluation.madeAt)},
                     {"rows", evaluation.rows},
                     {"positives", evaluation.positives},
                     {"metrics", toJson(evaluation.candidate.metrics)},
                     {"candidate", toJson(evaluation.candidate, cells)},
                     {"baseline", nullptr},
                     {"baseline_model", nullptr},
                     {"difference", json::object()},
                     {"verdict", nullptr},
                     {"slices", json::array()},
                     {"fairness", evaluation.fairness ? toJson(*evaluation.fairness) : json::object()},
                     {"intervals", evaluation.intervals},
                     {"warnings", evaluation.warnings}};
    for (const Slice& slice : evaluation.slices)
        document["slices"].push_back(toJson(slice));
    if (evaluation.baseline) {
        document["baseline"] = toJson(evaluation.baseline->metrics);
        document["baseline_model"] = toJson(*evaluation.baseline, cells);
    }
    if (evaluation.comparison) {
        const Comparison& comparison = *evaluation.comparison;
        for (const auto& [name, difference] : comparison.differences)
            document["difference"][name] = {{"value", number(difference.value)},
                                            {"low", number(difference.low)},
                                            {"high", number(difference.high)},
                                            {"p", number(difference.p)},
                                            {"test", difference.test}};
        document["verdict"] = toString(comparison.verdict);
        document["decision"] = {
            {"metric", comparison.metric}, {"margin", comparison.margin}, {"reason", comparison.reason}};
    }
    return document;
}

Result<Evaluation> evaluationFromJson(const json& document, const std::string& what) {
    try {
        return readEvaluation(document, what);
    } catch (const json::exception& problem) {
        return fail(ErrorCode::Corrupt, "{} is not an evaluation: {}.", what, problem.what());
    }
}

std::filesystem::path evaluationFile(const Workspace& workspace, const ModelName& model) {
    return workspace.models() / model.text() / "evaluation.json";
}

Result<void> storeEvaluation(const Workspace& workspace, const Evaluation& evaluation) {
    const std::filesystem::path file = evaluationFile(workspace, evaluation.model);
    TRY(makePrivateFolder(file.parent_path()));
    return writeFileAtomically(file,
                               toJson(evaluation, WithCells::Yes).dump(-1, ' ', false, json::error_handler_t::replace));
}

Result<Evaluation> loadEvaluation(const Workspace& workspace, const ModelName& model) {
    const std::filesystem::path file = evaluationFile(workspace, model);
    const std::string text = TRY(readFile(file, kLargestFile));
    Result<json> document = parseJson(text, file.string());
    if (!document)
        return fail(ErrorCode::Corrupt, "{}", document.error().message);
    return evaluationFromJson(*document, file.string());
}

} // namespace perch::evaluate
