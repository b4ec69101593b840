#include "core/evaluate/evaluate.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/number_format.h"
#include "core/data/csv_reader.h"
#include "core/data/table_encoder.h"
#include "core/evaluate/evaluation_compare.h"
#include "core/evaluate/evaluation_curves.h"
#include "core/evaluate/evaluation_slices.h"
#include "core/model/predict/model_card_json.h"
#include "core/stats/binary_bootstrap.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::evaluate {

namespace {

constexpr std::size_t kScoredAtOnce = 65'536;

/// The rows that have a label, and which class it is.
struct LabelledRows {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint8_t> labels;
    std::uint64_t unlabelled = 0;
    std::uint64_t positives = 0;
};

/// Which code of the label column means what: 1 positive, 0 negative.
Result<std::vector<std::uint8_t>> classOfCode(const data::Column& column, const model::ModelCard& card,
                                              const EvaluationOptions& options) {
    // A positive value that the caller names stands against all others; otherwise only the model's classes are known.
    const bool named = !options.positive.empty();
    const std::string& positive = named ? options.positive : card.classes[1];
    std::vector<std::uint8_t> classes;
    for (const std::string& category : column.categories) {
        if (!named && category != card.classes[0] && category != positive)
            return fail(ErrorCode::InvalidInput, "The label column {} holds '{}', but {} knows '{}' and '{}'.",
                        column.name, category, card.model.text(), card.classes[0], positive);
        classes.push_back(category == positive);
    }
    if (std::ranges::find(classes, 1) == classes.end())
        return fail(ErrorCode::InvalidInput, "The label column {} never holds the positive value '{}'; it holds {}.",
                    column.name, positive,
                    column.categories.empty() ? "nothing" : fmt::format("'{}'", fmt::join(column.categories, "', '")));
    return classes;
}

Result<LabelledRows> labelledRows(const data::Table& table, const model::ModelCard& card,
                                  const EvaluationOptions& options) {
    const data::Column& column = *TRY(table.column(options.label.empty() ? card.label : options.label));
    if (column.type != data::FieldType::Category)
        return fail(ErrorCode::InvalidInput, "The label column {} must hold the classes as texts.", column.name);
    const std::vector<std::uint8_t> classes = TRY(classOfCode(column, card, options));
    LabelledRows labelled;
    for (std::size_t row = 0; row < table.rows; ++row) {
        const std::int32_t code = column.codes[row];
        if (code < 0) {
            ++labelled.unlabelled;
            continue;
        }
        labelled.rows.push_back(static_cast<std::uint32_t>(row));
        labelled.labels.push_back(classes[static_cast<std::size_t>(code)]);
        labelled.positives += labelled.labels.back();
    }
    return labelled;
}

Result<std::vector<float>> scoreRows(const model::Predictor& predictor, const data::Table& table,
                                     std::span<const std::uint32_t> rows, std::stop_token stop) {
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, predictor.package().transform));
    std::vector<float> scores, block;
    scores.reserve(rows.size());
    for (std::size_t begin = 0; begin < rows.size(); begin += kScoredAtOnce) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The evaluation was stopped.");
        const auto part = rows.subspan(begin, std::min(kScoredAtOnce, rows.size() - begin));
        block.resize(part.size() * encoder.width());
        encoder.encode(part, block);
        const std::vector<float> scored = TRY(predictor.score(block));
        scores.insert(scores.end(), scored.begin(), scored.end());
    }
    return scores;
}

std::vector<FeatureImportance> importanceOf(const model::Package& package) {
    std::vector<FeatureImportance> importance;
    for (const data::FeatureBins& feature : package.reference.features)
        importance.push_back({feature.feature, feature.importance});
    std::ranges::stable_sort(importance, std::ranges::greater{}, &FeatureImportance::share);
    return importance;
}

struct ScoredSubject {
    std::vector<float> scores;
    EvaluatedModel model;
};

Result<ScoredSubject> evaluateSubject(const EvaluationSubject& subject, const data::Table& table,
                                      const LabelledRows& labelled, const EvaluationOptions& options,
                                      std::stop_token stop) {
    const model::Package& package = subject.predictor->package();
    if (package.card.task != model::Task::Binary)
        return fail(ErrorCode::InvalidInput, "{} is not a binary model; only those can be evaluated.",
                    package.card.model.text());
    ScoredSubject scored;
    scored.scores = TRY(scoreRows(*subject.predictor, table, labelled.rows, stop));
    scored.model = TRY(evaluateScores(scored.scores, labelled.labels, package.card.threshold, options, stop));
    scored.model.title = subject.title;
    scored.model.digest = package.digest;
    scored.model.thresholdRule = package.card.thresholdRule;
    scored.model.importance = importanceOf(package);
    return scored;
}

std::vector<std::uint8_t> rightDecisions(const ScoredSubject& subject, std::span<const std::uint8_t> labels) {
    std::vector<std::uint8_t> right;
    right.reserve(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i)
        right.push_back((static_cast<double>(subject.scores[i]) >= subject.model.threshold) == (labels[i] != 0));
    return right;
}

std::vector<Slice> slicesOf(const data::Table& table, const model::Predictor& predictor, const LabelledRows& labelled,
                            const ScoredSubject& candidate, const ScoredSubject* baseline) {
    std::vector<GroupedColumn> columns;
    for (const data::Field& field : predictor.package().transform.fields()) {
        if (const std::optional<std::size_t> column = table.find(field.name))
            columns.push_back(groupColumn(table.columns[*column], labelled.rows));
    }
    const std::vector<std::uint8_t> right = rightDecisions(candidate, labelled.labels);
    const std::vector<std::uint8_t> baselineRight =
        baseline != nullptr ? rightDecisions(*baseline, labelled.labels) : std::vector<std::uint8_t>();
    return findSlices(columns, {right, baselineRight});
}

/// Whether the training that made the package read the same bytes, as far as its capsule tells.
bool trainedOn(const model::Package& package, const data::Table& table) {
    const Result<std::string> capsule = readFile(package.folder / "capsule.json");
    const Result<nlohmann::json> document = capsule ? parseJson(*capsule, "capsule.json") : Result<nlohmann::json>();
    if (!document || !document->is_object() || !document->contains("fingerprint"))
        return false;
    const Result<std::string> content = jsonString(document->at("fingerprint"), "content", "capsule.json");
    return content && *content == table.fingerprint.content.hex();
}

std::vector<std::string> warningsOf(const LabelledRows& labelled, const EvaluationSubject& candidate,
                                    const EvaluationSubject* baseline, const data::Table& table) {
    std::vector<std::string> warnings;
    for (const EvaluationSubject* subject : {&candidate, baseline}) {
        if (subject != nullptr && trainedOn(subject->predictor->package(), table))
            warnings.push_back(
                fmt::format("{} was trained on rows of this file: its numbers here flatter it.", subject->title));
    }
    if (labelled.unlabelled > 0)
        warnings.push_back(fmt::format("{} without a label {} left out.",
                                       labelled.unlabelled == 1 ? "1 row" : formatCount(labelled.unlabelled) + " rows",
                                       labelled.unlabelled == 1 ? "was" : "were"));
    if (labelled.positives == labelled.rows.size())
        warnings.emplace_back("Every row is positive: the areas and the false positive rate are undefined.");
    return warnings;
}

/// Types of the columns that the models read; the label as texts.
Result<data::CsvOptions> readingOptions(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                        const EvaluationOptions& options) {
    data::CsvOptions reading;
    const model::ModelCard& card = candidate.predictor->package().card;
    for (const EvaluationSubject* subject : {&candidate, baseline}) {
        if (subject == nullptr)
            continue;
        for (const data::Field& field : subject->predictor->package().transform.fields()) {
            const auto [known, fresh] = reading.declared.emplace(field.name, field.type);
            if (!fresh && known->second != field.type)
                return fail(
                    ErrorCode::InvalidInput,
                    "Candidate and baseline read the column {} with different types; they cannot be compared on one "
                    "file.",
                    field.name);
        }
    }
    reading.declared[options.label.empty() ? card.label : options.label] = data::FieldType::Category;
    for (const auto& [name, type] : reading.declared)
        reading.columns.push_back(name);
    if (!options.group.empty() && !reading.declared.contains(options.group))
        reading.columns.push_back(options.group);
    return reading;
}

Result<void> requireBinary(const model::ModelCard& card) {
    if (card.task == model::Task::Binary)
        return {};
    return fail(
        ErrorCode::InvalidInput,
        "{} is a {} model; evaluations are of binary models so far. Its metrics on the test rows are in its card.",
        card.model.text(), toString(card.task));
}

} // namespace

Result<EvaluatedModel> evaluateScores(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                      double threshold, const EvaluationOptions& options, std::stop_token stop) {
    EvaluatedModel model;
    model.threshold = threshold;
    model.confusion = stats::confusionAt(scores, labels, threshold);
    const stats::ScoreCells exact = stats::ScoreCells::exactFrom(scores, labels);
    const auto values = stats::binaryMetrics(exact, threshold);
    const stats::BootstrapOptions bootstrap{.resamples = options.resamples, .seed = options.seed};
    const auto intervals = TRY(stats::bootstrapIntervals(exact, threshold, bootstrap, stop));
    const std::span<const MetricDefinition> definitions = metricDefinitions(model::Task::Binary);
    for (std::size_t m = 0; m < definitions.size(); ++m) {
        MetricValue metric{.value = values[m]};
        if (intervals[m]) {
            metric.low = intervals[m]->low;
            metric.high = intervals[m]->high;
        }
        model.metrics.emplace(definitions[m].name, metric);
    }
    model.cells = exact.bounded();
    for (const auto& [name, metric] : thresholdMetrics(exact, threshold)) {
        if (metric.low)
            model.metrics[name] = metric;
    }
    model.curves = makeCurves(exact);
    model.histogram = makeHistogram(exact);
    return model;
}

Result<Evaluation> evaluate(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                            const data::Table& table, const EvaluationOptions& options, const Clock& clock,
                            std::stop_token stop) {
    const model::Package& package = candidate.predictor->package();
    TRY(requireBinary(package.card));
    const LabelledRows labelled = TRY(labelledRows(table, package.card, options));
    const ScoredSubject scored = TRY(evaluateSubject(candidate, table, labelled, options, stop));
    std::optional<ScoredSubject> scoredBaseline;
    if (baseline != nullptr)
        scoredBaseline = TRY(evaluateSubject(*baseline, table, labelled, options, stop));

    Evaluation evaluation;
    evaluation.model = package.card.model;
    evaluation.label = options.label.empty() ? package.card.label : options.label;
    evaluation.positive = options.positive.empty() ? package.card.classes[1] : options.positive;
    evaluation.data = table.fingerprint.source;
    evaluation.madeAt = clock.now();
    evaluation.rows = labelled.rows.size();
    evaluation.positives = labelled.positives;
    evaluation.intervals = fmt::format("95 %; shares by Wilson, others by a Poisson bootstrap over score cells, {} "
                                       "resamples, seed {}",
                                       formatCount(options.resamples), options.seed);
    evaluation.warnings = warningsOf(labelled, candidate, baseline, table);
    evaluation.slices =
        slicesOf(table, *candidate.predictor, labelled, scored, scoredBaseline ? &*scoredBaseline : nullptr);
    if (!options.group.empty()) {
        const data::Column& column = *TRY(table.column(options.group));
        evaluation.fairness =
            measureFairness(groupColumn(column, labelled.rows), scored.scores, labelled.labels, scored.model.threshold);
    }
    if (scoredBaseline) {
        evaluation.comparison =
            TRY(compare({scored.scores, scored.model.threshold},
                        {scoredBaseline->scores, scoredBaseline->model.threshold}, labelled.labels, options.metric,
                        options.margin, {.resamples = options.resamples, .seed = options.seed}, stop));
        evaluation.baseline = std::move(scoredBaseline->model);
    }
    evaluation.candidate = scored.model;
    return evaluation;
}

Result<Evaluation> evaluateFile(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                const std::filesystem::path& file, const EvaluationOptions& options, const Clock& clock,
                                std::stop_token stop) {
    TRY(requireBinary(candidate.predictor->package().card));
    const data::CsvOptions reading = TRY(readingOptions(candidate, baseline, options));
    const data::Table table = TRY(data::readCsv(file, clock, reading, stop));
    return evaluate(candidate, baseline, table, options, clock, stop);
}

} // namespace perch::evaluate
