#include "core/training/paired_difference.h"

#include "core/data/table_encoder.h"
#include "core/evaluate/evaluation_compare.h"
#include "core/stats/multiclass_metrics.h"
#include "core/stats/paired_mean.h"

#include <algorithm>
#include <cmath>
#include <numeric>

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
        const auto found = code < 0 ? card.classes.end()
                                    : std::ranges::find(card.classes, column->categories[static_cast<std::size_t>(code)]);
        if (found == card.classes.end())
            return fail(ErrorCode::InvalidInput, "{} row {}: the label \"{}\" is missing or none of the model's classes.",
                        table.fingerprint.source, row + 2, card.label);
        classes.push_back(static_cast<std::uint8_t>(found - card.classes.begin()));
    }
    return classes;
}

PairedMetric lossMetric(std::span<const double> candidate, std::span<const double> production, double margin) {
    PairedMetric metric{.higherIsBetter = false, .margin = margin};
    metric.difference.test = "paired differences, normal";
    if (const auto mean = stats::pairedMean(candidate, production)) {
        metric.difference.value = mean->value;
        metric.difference.low = mean->interval.low;
        metric.difference.high = mean->interval.high;
        metric.difference.p = mean->p;
    }
    return metric;
}

struct RowLosses {
    std::vector<double> right, logLoss;
};

RowLosses lossesOf(std::span<const float> scores, std::span<const std::uint8_t> classes, std::size_t outputs) {
    RowLosses losses;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const auto row = scores.subspan(i * outputs, outputs);
        losses.right.push_back(stats::mostProbable(row) == classes[i] ? 1 : 0);
        losses.logLoss.push_back(-std::log(std::clamp(static_cast<double>(row[classes[i]]), 0x1.0p-52, 1.0)));
    }
    return losses;
}

std::vector<double> errorsOf(std::span<const float> scores, std::span<const double> truth, int power) {
    std::vector<double> errors;
    for (std::size_t i = 0; i < truth.size(); ++i)
        errors.push_back(std::pow(std::abs(static_cast<double>(scores[i]) - truth[i]), power));
    return errors;
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(std::max<std::size_t>(1, values.size()));
}

using PairedMetrics = std::map<std::string, PairedMetric>;

Result<PairedMetrics> binary(const model::Predictor& candidate, const model::Predictor& production,
                             std::span<const float> candidateScores, std::span<const float> productionScores,
                             std::span<const std::uint8_t> labels, const std::stop_token& stop) {
    const evaluate::Comparison comparison =
        TRY(evaluate::compare({candidateScores, candidate.package().card.threshold},
                           {productionScores, production.package().card.threshold}, labels, "f1", kMargin, {}, stop));
    PairedMetrics metrics;
    for (const evaluate::MetricDefinition& definition : evaluate::metricDefinitions(model::Task::Binary))
        metrics[std::string(definition.name)] = {comparison.differences.find(definition.name)->second,
                                                 definition.higherIsBetter, kMargin};
    return metrics;
}

PairedMetrics multiClass(std::span<const float> candidate, std::span<const float> production,
                         std::span<const std::uint8_t> labels, std::size_t outputs) {
    const RowLosses ours = lossesOf(candidate, labels, outputs), theirs = lossesOf(production, labels, outputs);
    PairedMetrics metrics;
    metrics["accuracy"] = lossMetric(ours.right, theirs.right, kMargin);
    metrics["accuracy"].higherIsBetter = true;
    metrics["log_loss"] = lossMetric(ours.logLoss, theirs.logLoss, kMargin);
    return metrics;
}

PairedMetrics regression(std::span<const float> candidate, std::span<const float> production,
                         std::span<const double> truth) {
    PairedMetrics metrics;
    const auto add = [&](const char* name, int power) {
        const std::vector<double> ours = errorsOf(candidate, truth, power), theirs = errorsOf(production, truth, power);
        metrics[name] = lossMetric(ours, theirs, kMargin * power * meanOf(theirs));
    };
    add("mae", 1);
    add("rmse", 2);
    return metrics;
}

} // namespace

Result<PairedMetrics> pairedDifferences(const model::Predictor& candidate, const model::Predictor& production,
                                        const data::Table& table, const data::Rows& rows,
                                        const std::stop_token& stop) {
    const model::ModelCard &card = candidate.package().card, &other = production.package().card;
    if (card.task != other.task || card.classes != other.classes)
        return fail(ErrorCode::InvalidInput, "the two versions do not answer with the same classes.");
    const std::vector<float> ours = TRY(scoresOf(candidate, table, rows)), theirs = TRY(scoresOf(production, table, rows));
    if (card.task == model::Task::Regression) {
        const data::Column* column = TRY(table.column(card.label));
        std::vector<double> truth;
        for (const std::uint32_t row : rows)
            truth.push_back(column->numbers[row]);
        return regression(ours, theirs, truth);
    }
    const std::vector<std::uint8_t> labels = TRY(classesOf(card, table, rows));
    if (card.task == model::Task::Binary)
        return binary(candidate, production, ours, theirs, labels, stop);
    return multiClass(ours, theirs, labels, candidate.outputs());
}

} // namespace perch::training
