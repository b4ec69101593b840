#include "core/evaluate/evaluate.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/number_format.h"
#include "core/evaluate/evaluated_model.h"
#include "core/evaluate/evaluation_compare.h"
#include "core/evaluate/evaluation_rows.h"
#include "core/evaluate/fairness.h"
#include "core/evaluate/importance.h"
#include "core/evaluate/slice_search.h"
#include "core/stats/multiclass_metrics.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

/// One evaluation under way: tables go in one after another.
class EvaluationPass {
public:
    static Result<EvaluationPass> create(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                         const EvaluationOptions& options, std::stop_token stop) {
        EvaluationPass pass(candidate, baseline, options, std::move(stop));
        pass.m_rows = TRY(EvaluationRows::create(candidate, baseline, options));
        return pass;
    }

    const EvaluationRows& rows() const { return *m_rows; }
    Result<void> add(const data::Table& table);
    Result<Evaluation> finish(const std::string& source, const Digest& content, const Clock& clock);

private:
    EvaluationPass(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                   const EvaluationOptions& options, std::stop_token stop)
        : m_candidate(candidate),
          m_baseline(baseline != nullptr ? std::optional(*baseline) : std::nullopt),
          m_options(options),
          m_stop(std::move(stop)) {}

    const model::ModelCard& card() const { return m_candidate.predictor->package().card; }
    stats::Tolerance tolerance() const {
        const stats::Tolerance declared =
            card().tolerance > 0 ? stats::Tolerance{.value = card().tolerance, .relative = false} : stats::Tolerance{};
        return m_options.tolerance.value_or(declared);
    }
    std::vector<double> errorsOf(const EvaluationSubject& subject, std::span<const float> scores,
                                 std::size_t begin) const;
    void addSlices(const data::Table& table);
    Result<void> addImportance(const data::Table& table);
    Result<EvaluatedModel> evaluated(const EvaluationSubject& subject, std::span<const float> scores) const;
    std::vector<ThresholdChoice> thresholds(const stats::ScoreCells& cells) const;
    std::optional<Fairness> fairness() const;
    std::vector<std::string> warnings(const Digest& content) const;
    std::string intervalsNote() const;

    EvaluationSubject m_candidate;
    std::optional<EvaluationSubject> m_baseline;
    EvaluationOptions m_options;
    std::stop_token m_stop;
    std::optional<EvaluationRows> m_rows;
    std::optional<SliceSearch> m_slices;
    std::optional<ImportanceResult> m_importance, m_baselineImportance;
};

Result<void> EvaluationPass::add(const data::Table& table) {
    TRY(m_rows->add(table, m_stop));
    if (!m_rows->lastRows().empty()) {
        TRY(addImportance(table));
        addSlices(table);
    }
    return {};
}

/// Of the rows from `begin` on: right or wrong, or the absolute error.
std::vector<double> EvaluationPass::errorsOf(const EvaluationSubject& subject, std::span<const float> scores,
                                             std::size_t begin) const {
    const std::size_t outputs = subject.predictor->outputs();
    std::vector<double> errors;
    for (std::size_t i = begin; i < m_rows->size(); ++i) {
        if (card().task == model::Task::Regression) {
            errors.push_back(std::abs(static_cast<double>(scores[i]) - m_rows->truth()[i]));
            continue;
        }
        const model::Prediction answer = subject.predictor->decide(scores.subspan(i * outputs, outputs));
        errors.push_back(answer.classIndex == m_rows->labels()[i] ? 0 : 1);
    }
    return errors;
}

void EvaluationPass::addSlices(const data::Table& table) {
    const std::span<const std::uint32_t> rows = m_rows->lastRows();
    const std::vector<data::Field>& fields = m_candidate.predictor->package().transform.fields();
    if (!m_slices) {
        std::vector<ColumnGroups> columns;
        for (const data::Field& field : fields)
            columns.push_back(ColumnGroups::learn(table.columns[*table.find(field.name)], rows));
        std::vector<std::string> important;
        for (const data::FeatureBins& feature : m_candidate.predictor->package().reference.features)
            important.push_back(feature.feature);
        m_slices.emplace(card().task != model::Task::Regression, std::move(columns), important);
    }
    std::vector<std::vector<std::int32_t>> groups;
    for (std::size_t c = 0; c < fields.size(); ++c)
        groups.push_back(m_slices->columns()[c].of(table.columns[*table.find(fields[c].name)], rows));
    const std::size_t begin = m_rows->lastBegin();
    const std::vector<double> errors = errorsOf(m_candidate, m_rows->scores(), begin);
    const std::vector<double> baseline =
        m_baseline ? errorsOf(*m_baseline, m_rows->baselineScores(), begin) : std::vector<double>();
    m_slices->add(groups, {errors, baseline});
}

/// On rows of the first table.
Result<void> EvaluationPass::addImportance(const data::Table& table) {
    if (m_importance || m_options.importanceRows == 0)
        return {};
    const std::size_t limit = m_options.importanceRows;
    m_importance =
        TRY(measureImportance(*m_candidate.predictor, table, m_rows->lastRows(), limit, m_options.seed, m_stop));
    if (m_baseline)
        m_baselineImportance =
            TRY(measureImportance(*m_baseline->predictor, table, m_rows->lastRows(), limit, m_options.seed, m_stop));
    return {};
}

Result<EvaluatedModel> EvaluationPass::evaluated(const EvaluationSubject& subject,
                                                 std::span<const float> scores) const {
    const model::Package& package = subject.predictor->package();
    const auto measure = [&]() -> Result<EvaluatedModel> {
        if (package.card.task == model::Task::Regression)
            return evaluateNumbers(scores, m_rows->truth(), tolerance(), m_options, m_stop);
        if (package.card.task == model::Task::MultiClass)
            return evaluateClasses(scores, m_rows->labels(), package.card.classes, m_options, m_stop);
        return evaluateScores(scores, m_rows->labels(), package.card.threshold, m_options, m_stop);
    };
    EvaluatedModel model = TRY(measure());
    model.title = subject.title;
    model.digest = package.digest;
    model.thresholdRule = package.card.thresholdRule;
    return model;
}

void setImportance(EvaluatedModel& model, const std::optional<ImportanceResult>& importance) {
    if (!importance)
        return;
    model.importance = importance->features;
    model.importanceRows = importance->rows;
}

std::vector<ThresholdChoice> EvaluationPass::thresholds(const stats::ScoreCells& cells) const {
    std::vector<ThresholdChoice> choices;
    const auto add = [&](std::string rule, std::optional<double> threshold) {
        ThresholdChoice choice{.rule = std::move(rule), .threshold = threshold};
        if (threshold)
            choice.metrics = thresholdMetrics(cells, *threshold);
        choices.push_back(std::move(choice));
    };
    if (m_options.costs)
        add(fmt::format("cost {:g}:{:g}", m_options.costs->first, m_options.costs->second),
            cheapestThreshold(cells, m_options.costs->first, m_options.costs->second));
    if (m_options.targetPrecision)
        add(fmt::format("precision >= {:g}", *m_options.targetPrecision),
            thresholdForPrecision(cells, *m_options.targetPrecision));
    if (m_options.targetRecall)
        add(fmt::format("recall >= {:g}", *m_options.targetRecall), thresholdForRecall(cells, *m_options.targetRecall));
    return choices;
}

std::optional<Fairness> EvaluationPass::fairness() const {
    if (m_rows->groups() == nullptr || card().task == model::Task::Regression)
        return std::nullopt;
    std::vector<std::uint32_t> all(m_rows->size());
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint32_t>(i);
    const GroupedColumn groups = groupColumn(*m_rows->groups(), all);
    if (card().task == model::Task::MultiClass)
        return measureAccuracyGap(groups, errorsOf(m_candidate, m_rows->scores(), 0));
    return measureFairness(groups, m_rows->scores(), m_rows->labels(), card().threshold);
}

/// Whether the training that made the package read the same bytes, as far as its capsule tells.
bool trainedOn(const model::Package& package, const Digest& source) {
    const Result<std::string> capsule = readFile(package.folder / "capsule.json");
    const Result<nlohmann::json> document = capsule ? parseJson(*capsule, "capsule.json") : Result<nlohmann::json>();
    if (!document || !document->is_object() || !document->contains("fingerprint"))
        return false;
    const Result<std::string> content = jsonString(document->at("fingerprint"), "content", "capsule.json");
    return content && *content == source.hex();
}

std::vector<std::string> EvaluationPass::warnings(const Digest& content) const {
    std::vector<std::string> warnings;
    for (const EvaluationSubject* subject : {&m_candidate, m_baseline ? &*m_baseline : nullptr}) {
        if (subject != nullptr && trainedOn(subject->predictor->package(), content))
            warnings.push_back(
                fmt::format("{} was trained on rows of this file: its numbers here flatter it.", subject->title));
    }
    if (const std::uint64_t rows = m_rows->unlabelled(); rows > 0)
        warnings.push_back(fmt::format("{} without a label {} left out.",
                                       rows == 1 ? "1 row" : formatCount(rows) + " rows", rows == 1 ? "was" : "were"));
    if (card().task == model::Task::Binary && std::ranges::count(m_rows->labels(), 0) == 0)
        warnings.emplace_back("Every row is positive: the areas and the false positive rate are undefined.");
    if (const std::uint64_t cells = m_rows->unseenCells(); cells > 0)
        warnings.push_back(fmt::format("{} hold{} a category that {} has not seen: taken as missing.",
                                       cells == 1 ? "1 cell" : formatCount(cells) + " cells", cells == 1 ? "s" : "",
                                       m_candidate.title));
    if (m_rows->groups() != nullptr && card().task == model::Task::Regression)
        warnings.emplace_back("Fairness is measured where a class is answered, not for numbers.");
    return warnings;
}

std::string EvaluationPass::intervalsNote() const {
    const std::string rounds = fmt::format("{} resamples, seed {}", formatCount(m_options.resamples), m_options.seed);
    if (card().task == model::Task::Binary)
        return fmt::format("95 %; shares by Wilson, others by a Poisson bootstrap over score cells, {}", rounds);
    return fmt::format("95 %; {} by Wilson, others by a Poisson bootstrap over rows, {}",
                       card().task == model::Task::MultiClass ? "accuracy and the rates of each class"
                                                              : "the share within the tolerance",
                       rounds);
}

Result<Evaluation> EvaluationPass::finish(const std::string& source, const Digest& content, const Clock& clock) {
    TRY(m_rows->finish());
    Evaluation evaluation;
    evaluation.model = card().model;
    evaluation.task = card().task;
    evaluation.label = m_rows->label();
    evaluation.positive = m_rows->positive();
    evaluation.data = source;
    evaluation.madeAt = clock.now();
    evaluation.rows = m_rows->size();
    if (card().task == model::Task::Binary)
        evaluation.positives = static_cast<std::uint64_t>(std::ranges::count(m_rows->labels(), 1));
    evaluation.intervals = intervalsNote();
    evaluation.warnings = warnings(content);
    evaluation.slices = m_slices->find();
    evaluation.fairness = fairness();
    evaluation.candidate = TRY(evaluated(m_candidate, m_rows->scores()));
    setImportance(evaluation.candidate, m_importance);
    if (card().task == model::Task::Binary)
        evaluation.thresholds = thresholds(evaluation.candidate.cells);
    if (m_baseline) {
        evaluation.baseline = TRY(evaluated(*m_baseline, m_rows->baselineScores()));
        setImportance(*evaluation.baseline, m_baselineImportance);
        const stats::BootstrapOptions bootstrap{.resamples = m_options.resamples, .seed = m_options.seed};
        const Decision decision{m_options.metric, m_options.margin};
        if (card().task == model::Task::Binary)
            evaluation.comparison = TRY(compare({m_rows->scores(), evaluation.candidate.threshold},
                                                {m_rows->baselineScores(), evaluation.baseline->threshold},
                                                m_rows->labels(), decision, bootstrap, m_stop));
        else if (card().task == model::Task::MultiClass)
            evaluation.comparison =
                TRY(compareClasses(m_rows->scores(), m_rows->baselineScores(), card().classes.size(), m_rows->labels(),
                                   decision, bootstrap, m_stop));
        else
            evaluation.comparison = TRY(compareNumbers(m_rows->scores(), m_rows->baselineScores(), m_rows->truth(),
                                                       tolerance(), decision, bootstrap, m_stop));
    }
    return evaluation;
}

} // namespace

Result<Evaluation> evaluate(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                            const data::Table& table, const EvaluationOptions& options, const Clock& clock,
                            std::stop_token stop) {
    EvaluationPass pass = TRY(EvaluationPass::create(candidate, baseline, options, std::move(stop)));
    TRY(pass.add(table));
    return pass.finish(table.fingerprint.source, table.fingerprint.content, clock);
}

Result<Evaluation> evaluateFile(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                const std::filesystem::path& file, const EvaluationOptions& options, const Clock& clock,
                                std::stop_token stop) {
    EvaluationPass pass = TRY(EvaluationPass::create(candidate, baseline, options, stop));
    const data::ReadOptions reading = TRY(pass.rows().reading());
    data::TableStream stream =
        TRY(data::TableStream::open(data::sourceOfPath(file.string()), {.clock = &clock, .columns = reading.columns},
                                    reading, data::TableStream::kRowsAtOnce, stop));
    while (const std::optional<data::Table> table = TRY(stream.next(stop))) {
        TRY(pass.add(*table));
        if (options.progress)
            options.progress(stream.share(), pass.rows().size());
    }
    return pass.finish(stream.name(), stream.content(), clock);
}

} // namespace perch::evaluate
