#include "core/training/paired_difference.h"

#include "core/data/table_encoder.h"
#include "core/evaluate/evaluation_compare.h"

#include <algorithm>

namespace perch::training {

namespace {

constexpr std::size_t kScoredAtOnce = 65'536;
constexpr double kMargin = 0.01;

Result<std::vector<float>> scoresOf(const model::Predictor& predictor, const data::Table& table,
                                    const data::Rows& rows) {
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, predictor.package().transform));
    std::vector<float> scores;
    for (std::size_t from = 0; from < rows.size(); from += kScoredAtOnce) {
        const auto part = std::span(rows).subspan(from, std::min(kScoredAtOnce, rows.size() - from));
        const std::vector<float> values = TRY(predictor.score(encoder.encode(part)));
        scores.insert(scores.end(), values.begin(), values.end());
    }
    return scores;
}

/// The class of each row as an index into the card's classes.
Result<std::vector<std::uint8_t>> classesOf(const model::ModelCard& card, const data::Table& table,
                                            const data::Rows& rows) {
    const data::Column* column = TRY(table.column(card.label));
    if (column->type != data::FieldType::Category)
        return fail(ErrorCode::Internal, "The label \"{}\" was not read as texts.", card.label);
    std::vector<std::uint8_t> classes;
    for (const std::uint32_t row : rows) {
        const std::int32_t code = column->codes[row];
        const auto found = code < 0
                               ? card.classes.end()
                               : std::ranges::find(card.classes, column->categories[static_cast<std::size_t>(code)]);
        if (found == card.classes.end())
            return fail(ErrorCode::InvalidInput,
                        "{} row {}: the label \"{}\" is missing or none of the model's classes.",
                        table.fingerprint.source, row + 2, card.label);
        classes.push_back(static_cast<std::uint8_t>(found - card.classes.begin()));
    }
    return classes;
}

using PairedMetrics = std::map<std::string, PairedMetric>;

PairedMetrics metricsOf(const evaluate::Comparison& comparison, model::Task task) {
    PairedMetrics metrics;
    for (const evaluate::MetricDefinition& definition : evaluate::metricDefinitions(task))
        metrics[std::string(definition.name)] = {comparison.differences.find(definition.name)->second,
                                                 definition.higherIsBetter, kMargin};
    return metrics;
}

/// The margin of an error is a share of production's.
Result<PairedMetrics> regression(std::span<const float> candidate, std::span<const float> production,
                                 std::span<const double> truth, const std::stop_token& stop) {
    PairedMetrics metrics = metricsOf(TRY(evaluate::compareNumbers(candidate, production, truth, {}, {}, {}, stop)),
                                      model::Task::Regression);
    const stats::MetricList theirs = stats::regressionMetrics(production, truth);
    metrics["mae"].margin = kMargin * theirs[static_cast<std::size_t>(stats::RegressionMetric::Mae)].value_or(0);
    metrics["rmse"].margin = kMargin * theirs[static_cast<std::size_t>(stats::RegressionMetric::Rmse)].value_or(0);
    return metrics;
}

} // namespace

Result<PairedMetrics> pairedDifferences(const model::Predictor& candidate, const model::Predictor& production,
                                        const data::Table& table, const data::Rows& rows, const std::stop_token& stop) {
    const model::ModelCard &card = candidate.package().card, &other = production.package().card;
    if (card.task != other.task || card.classes != other.classes)
        return fail(ErrorCode::InvalidInput, "the two versions do not answer with the same classes.");
    const std::vector<float> ours = TRY(scoresOf(candidate, table, rows)),
                             theirs = TRY(scoresOf(production, table, rows));
    if (card.task == model::Task::Regression) {
        const data::Column* column = TRY(table.column(card.label));
        std::vector<double> truth;
        for (const std::uint32_t row : rows)
            truth.push_back(column->numbers[row]);
        return regression(ours, theirs, truth, stop);
    }
    const std::vector<std::uint8_t> labels = TRY(classesOf(card, table, rows));
    const evaluate::Comparison comparison =
        TRY(card.task == model::Task::Binary
                ? evaluate::compare({ours, card.threshold}, {theirs, other.threshold}, labels, {}, {}, stop)
                : evaluate::compareClasses(ours, theirs, candidate.outputs(), labels, {}, {}, stop));
    return metricsOf(comparison, card.task);
}

} // namespace perch::training
