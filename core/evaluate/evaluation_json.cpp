#include "core/evaluate/evaluation_json.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/predict/model_card_json.h"

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

json toJson(const ClassResult& result) {
    json classes = json::array();
    for (const ClassRates& one : result.classes)
        classes.push_back({{"class", one.name},
                           {"rows", one.rows},
                           {"precision", toJson(one.precision)},
                           {"recall", toJson(one.recall)},
                           {"f1", toJson(one.f1)},
                           {"roc_auc", toJson(one.rocAuc)}});
    return {{"rates", classes}, {"confusion", result.confusion}};
}

json toJson(const ErrorResult& result) {
    json bins = json::array();
    for (const ErrorBin& bin : result.bins)
        bins.push_back({{"rows", bin.rows},
                        {"predicted", bin.predicted},
                        {"truth", bin.truth},
                        {"low", bin.low},
                        {"high", bin.high}});
    return {{"tolerance", {{"value", result.tolerance.value}, {"relative", result.tolerance.relative}}},
            {"sample", toJson(result.sample)},
            {"bins", bins},
            {"histogram", {{"low", result.errorLow}, {"high", result.errorHigh}, {"rows", result.histogram}}}};
}

json toJson(const stats::ConfusionMatrix& matrix) {
    return {{"true_positives", matrix.truePositives},
            {"false_positives", matrix.falsePositives},
            {"true_negatives", matrix.trueNegatives},
            {"false_negatives", matrix.falseNegatives}};
}

json toJson(const EvaluatedModel& model, WithCells cells) {
    json importance = json::array();
    for (const FeatureImportance& feature : model.importance)
        importance.push_back({{"feature", feature.feature},
                              {"share", feature.share},
                              {"mean_abs_shap", feature.meanShap},
                              {"direction", number(feature.direction)}});
    json document = {
        {"title", model.title},
        {"digest", model.digest.hex()},
        {"threshold", model.threshold},
        {"threshold_rule", model.thresholdRule},
        {"metrics", toJson(model.metrics)},
        {"confusion", toJson(model.confusion)},
        {"curves", toJson(model.curves)},
        {"histogram", {{"negatives", model.histogram.negatives}, {"positives", model.histogram.positives}}},
        {"importance", importance},
        {"importance_rows", model.importanceRows},
        {"classes", model.classes ? toJson(*model.classes) : json(nullptr)},
        {"errors", model.errors ? toJson(*model.errors) : json(nullptr)}};
    if (cells == WithCells::Yes)
        document["cells"] = toJson(model.cells);
    return document;
}

json toJson(const Slice& slice) {
    return {{"name", slice.name},
            {"rows", slice.rows},
            {"metric", slice.metric},
            {"value", slice.value},
            {"low", slice.low},
            {"high", slice.high},
            {"elsewhere", slice.elsewhere},
            {"effect", {{"value", slice.effect}, {"low", slice.effectLow}, {"high", slice.effectHigh}}},
            {"baseline", number(slice.baseline)},
            {"p", slice.p}};
}

json toJson(const Fairness& fairness) {
    json groups = json::array();
    for (const GroupRates& group : fairness.groups)
        groups.push_back({{"group", group.group},
                          {"rows", group.rows},
                          {"positives", group.positives},
                          {"state", group.rows < fairness.minimumRows ? "no_data" : "ok"},
                          {"accuracy", toJson(group.accuracy)},
                          {"selection_rate", toJson(group.selectionRate)},
                          {"true_positive_rate", toJson(group.truePositiveRate)},
                          {"false_positive_rate", toJson(group.falsePositiveRate)}});
    return {{"column", fairness.column},
            {"groups", groups},
            {"minimum_rows", fairness.minimumRows},
            {"demographic_parity", toJson(fairness.selection)},
            {"equal_opportunity", toJson(fairness.truePositive)},
            {"false_positive_gap", toJson(fairness.falsePositive)},
            {"accuracy_gap", toJson(fairness.accuracy)},
            {"equalized_odds", number(fairness.equalizedOdds)},
            {"bias_score", number(fairness.biasScore)},
            {"bias_limit", kBiasLimit}};
}

json toJson(const ThresholdChoice& choice) {
    return {{"rule", choice.rule}, {"threshold", number(choice.threshold)}, {"metrics", toJson(choice.metrics)}};
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

MetricValues metricsFrom(const json& document) {
    MetricValues metrics;
    for (const auto& [name, metric] : document.items())
        metrics.emplace(name, metricFrom(metric));
    return metrics;
}

ClassResult classesFrom(const json& document) {
    ClassResult result{.confusion = document.at("confusion").get<Counts>()};
    for (const json& one : document.at("rates"))
        result.classes.push_back({.name = one.at("class").get<std::string>(),
                                  .rows = one.at("rows").get<std::uint64_t>(),
                                  .precision = metricFrom(one.at("precision")),
                                  .recall = metricFrom(one.at("recall")),
                                  .f1 = metricFrom(one.at("f1")),
                                  .rocAuc = one.contains("roc_auc") ? metricFrom(one["roc_auc"]) : MetricValue{}});
    return result;
}

ErrorResult errorsFrom(const json& document) {
    const json &tolerance = document.at("tolerance"), &histogram = document.at("histogram");
    ErrorResult result{.tolerance = {tolerance.at("value").get<double>(), tolerance.at("relative").get<bool>()},
                       .sample = pointsFrom(document.at("sample")),
                       .histogram = histogram.at("rows").get<Counts>(),
                       .errorLow = histogram.at("low").get<double>(),
                       .errorHigh = histogram.at("high").get<double>()};
    for (const json& bin : document.at("bins"))
        result.bins.push_back({.rows = bin.at("rows").get<std::uint64_t>(),
                               .predicted = bin.at("predicted").get<double>(),
                               .truth = bin.at("truth").get<double>(),
                               .low = bin.at("low").get<double>(),
                               .high = bin.at("high").get<double>()});
    return result;
}

Result<EvaluatedModel> evaluatedModelFrom(const json& document, const std::string& what) {
    EvaluatedModel model;
    model.title = document.at("title").get<std::string>();
    if (const auto hex = document.at("digest").get<std::string>(); !hex.empty())
        model.digest = TRY(Digest::parse(hex));
    model.threshold = document.at("threshold").get<double>();
    model.thresholdRule = document.at("threshold_rule").get<std::string>();
    model.metrics = metricsFrom(document.at("metrics"));
    const json& confusion = document.at("confusion");
    model.confusion = {.truePositives = confusion.at("true_positives").get<std::uint64_t>(),
                       .falsePositives = confusion.at("false_positives").get<std::uint64_t>(),
                       .trueNegatives = confusion.at("true_negatives").get<std::uint64_t>(),
                       .falseNegatives = confusion.at("false_negatives").get<std::uint64_t>()};
    model.curves = curvesFrom(document.at("curves"));
    model.histogram = {document.at("histogram").at("negatives").get<Counts>(),
                       document.at("histogram").at("positives").get<Counts>()};
    for (const json& feature : document.at("importance"))
        model.importance.push_back({feature.at("feature").get<std::string>(), feature.at("share").get<double>(),
                                    feature.at("mean_abs_shap").get<double>(), numberAt(feature, "direction")});
    model.importanceRows = document.at("importance_rows").get<std::uint64_t>();
    if (const json& classes = document.at("classes"); !classes.is_null())
        model.classes = classesFrom(classes);
    if (const json& errors = document.at("errors"); !errors.is_null())
        model.errors = errorsFrom(errors);
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
    const json& effect = document.at("effect");
    return {.name = document.at("name").get<std::string>(),
            .rows = document.at("rows").get<std::uint64_t>(),
            .value = document.at("value").get<double>(),
            .low = document.at("low").get<double>(),
            .high = document.at("high").get<double>(),
            .elsewhere = document.at("elsewhere").get<double>(),
            .baseline = numberAt(document, "baseline"),
            .p = document.at("p").get<double>(),
            .effect = effect.at("value").get<double>(),
            .effectLow = effect.at("low").get<double>(),
            .effectHigh = effect.at("high").get<double>(),
            .metric = document.at("metric").get<std::string>()};
}

Fairness fairnessFrom(const json& document) {
    Fairness fairness;
    fairness.column = document.at("column").get<std::string>();
    fairness.minimumRows = document.at("minimum_rows").get<std::uint64_t>();
    for (const json& group : document.at("groups"))
        fairness.groups.push_back({.group = group.at("group").get<std::string>(),
                                   .rows = group.at("rows").get<std::uint64_t>(),
                                   .positives = group.at("positives").get<std::uint64_t>(),
                                   .accuracy = metricFrom(group.at("accuracy")),
                                   .selectionRate = metricFrom(group.at("selection_rate")),
                                   .truePositiveRate = metricFrom(group.at("true_positive_rate")),
                                   .falsePositiveRate = metricFrom(group.at("false_positive_rate"))});
    fairness.selection = metricFrom(document.at("demographic_parity"));
    fairness.truePositive = metricFrom(document.at("equal_opportunity"));
    fairness.falsePositive = metricFrom(document.at("false_positive_gap"));
    fairness.accuracy = metricFrom(document.at("accuracy_gap"));
    fairness.equalizedOdds = numberAt(document, "equalized_odds");
    fairness.biasScore = numberAt(document, "bias_score");
    return fairness;
}

Result<Evaluation> readEvaluation(const json& document, const std::string& what) {
    Evaluation evaluation;
    evaluation.model = TRY(ModelName::parse(document.at("model").get<std::string>()));
    evaluation.task = TRY(model::parseTask(document.at("task").get<std::string>()));
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
    for (const json& choice : document.at("thresholds"))
        evaluation.thresholds.push_back(
            {choice.at("rule").get<std::string>(), numberAt(choice, "threshold"), metricsFrom(choice.at("metrics"))});
    evaluation.intervals = document.at("intervals").get<std::string>();
    evaluation.warnings = document.at("warnings").get<std::vector<std::string>>();
    return evaluation;
}

} // namespace

json toJson(const Evaluation& evaluation, WithCells cells) {
    json document = {{"model", evaluation.model.text()},
                     {"task", model::toString(evaluation.task)},
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
                     {"thresholds", json::array()},
                     {"intervals", evaluation.intervals},
                     {"warnings", evaluation.warnings}};
    for (const Slice& slice : evaluation.slices)
        document["slices"].push_back(toJson(slice));
    for (const ThresholdChoice& choice : evaluation.thresholds)
        document["thresholds"].push_back(toJson(choice));
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
