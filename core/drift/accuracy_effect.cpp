#include "core/drift/accuracy_effect.h"

#include "core/drift/column_transport.h"
#include "core/drift/model_scores.h"

namespace perch::drift {

namespace {

/// Every n-th row, so that at most kEffectRows are left.
data::Table sampled(const data::Table& table) {
    const std::size_t stride = (table.rows + kEffectRows - 1) / kEffectRows;
    data::Table sample{.rows = (table.rows + stride - 1) / stride, .fingerprint = table.fingerprint};
    for (const data::Column& column : table.columns) {
        data::Column& few = sample.columns.emplace_back();
        few = {.name = column.name, .type = column.type, .categories = column.categories, .whole = column.whole};
        for (std::size_t row = 0; row < table.rows; row += stride) {
            if (column.type == data::FieldType::Category)
                few.codes.push_back(column.codes[row]);
            else
                few.numbers.push_back(column.numbers[row]);
        }
    }
    return sample;
}

/// Expected accuracy of decisions at `threshold`.
double expectedAccuracy(std::span<const float> scores, const stats::IsotonicCalibration* calibration,
                        double threshold) {
    const auto estimate = stats::estimatePerformance(probabilitiesOf(scores, calibration), scores, threshold);
    const auto& accuracy = estimate->metrics[static_cast<std::size_t>(stats::PerformanceMetric::Accuracy)];
    return accuracy->value; // defined where there are rows
}

} // namespace

Result<AccuracyEffects> measureAccuracyEffects(const model::Predictor& predictor, const data::Table& reference,
                                               const data::Table& current, std::span<const float> before,
                                               std::span<const float> after,
                                               const stats::IsotonicCalibration* calibration, std::stop_token stop) {
    const double threshold = predictor.package().card.threshold;
    AccuracyEffects effects{.reference = expectedAccuracy(before, calibration, threshold),
                            .current = expectedAccuracy(after, calibration, threshold)};
    const data::Table then = sampled(reference);
    data::Table now = sampled(current);
    effects.rows = now.rows;
    const std::vector<float> asIs = TRY(scoreTable(predictor, now, stop));
    const double accuracy = expectedAccuracy(asIs, calibration, threshold);
    for (const data::Field& field : predictor.package().transform.fields()) {
        const std::size_t position = *now.find(field.name);
        data::Column moved = moveToReference(now.columns[position], *TRY(then.column(field.name)));
        std::swap(now.columns[position], moved);
        const std::vector<float> scores = TRY(scoreTable(predictor, now, stop));
        std::swap(now.columns[position], moved);
        effects.features[field.name] = accuracy - expectedAccuracy(scores, calibration, threshold);
    }
    return effects;
}

} // namespace perch::drift
