#include "core/evaluate/importance.h"

#include "core/data/table_encoder.h"
#include "core/stats/row_bootstrap.h"

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

constexpr std::size_t kExplainedAtOnce = 512;

/// Sums for a mean and for the correlation of a number with its SHAP value (of the last output).
struct FeatureSums {
    double absolute = 0;
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;

    void add(double number, double shap) {
        ++n;
        x += number;
        y += shap;
        xx += number * number;
        yy += shap * shap;
        xy += number * shap;
    }
    std::optional<double> correlation() const {
        const double cov = xy - x * y / n, varX = xx - x * x / n, varY = yy - y * y / n;
        if (n < 2 || varX <= 1e-12 * std::abs(xx) || varY <= 0)
            return std::nullopt;
        return std::clamp(cov / std::sqrt(varX * varY), -1.0, 1.0);
    }
};

} // namespace

Result<ImportanceResult> measureImportance(const model::Predictor& predictor, const data::Table& table,
                                           std::span<const std::uint32_t> rows, std::size_t limit, std::uint64_t seed,
                                           const std::stop_token& stop) {
    const data::RowTransform& transform = predictor.package().transform;
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, transform));
    std::vector<std::uint32_t> drawn;
    for (const std::uint32_t at : stats::drawnRows(rows.size(), limit, seed))
        drawn.push_back(rows[at]);
    const std::size_t width = transform.width(), outputs = predictor.outputs(), perRow = outputs * (width + 1);
    std::vector<FeatureSums> sums(width);
    for (std::size_t from = 0; from < drawn.size(); from += kExplainedAtOnce) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The explanation was stopped.");
        const auto part =
            std::span<const std::uint32_t>(drawn).subspan(from, std::min(kExplainedAtOnce, drawn.size() - from));
        const std::vector<float> values = encoder.encode(part);
        const std::vector<float> shap = TRY(predictor.contributions(values));
        for (std::size_t row = 0; row < part.size(); ++row) {
            for (std::size_t f = 0; f < width; ++f) {
                double last = 0;
                for (std::size_t o = 0; o < outputs; ++o) {
                    last = static_cast<double>(shap[row * perRow + o * (width + 1) + f]);
                    sums[f].absolute += std::abs(last) / static_cast<double>(outputs);
                }
                const auto value = static_cast<double>(values[row * width + f]);
                const bool number = transform.fields()[f].type != data::FieldType::Category;
                if (outputs == 1 && number && std::isfinite(value))
                    sums[f].add(value, last);
            }
        }
    }
    ImportanceResult result{.rows = drawn.size()};
    double total = 0;
    for (const FeatureSums& feature : sums)
        total += feature.absolute;
    for (std::size_t f = 0; f < width; ++f)
        result.features.push_back(
            {.feature = transform.fields()[f].name,
             .share = total > 0 ? sums[f].absolute / total : 0,
             .meanShap = sums[f].absolute / static_cast<double>(std::max<std::size_t>(1, drawn.size())),
             .direction = sums[f].correlation()});
    std::ranges::stable_sort(result.features, std::ranges::greater{}, &FeatureImportance::share);
    return result;
}

} // namespace perch::evaluate
