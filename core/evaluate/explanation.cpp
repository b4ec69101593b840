#include "core/evaluate/explanation.h"

#include "core/base/number_format.h"
#include "core/data/quality/cell_text.h"
#include "core/data/table_encoder.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

using nlohmann::json;

json cellJson(const data::Cell& cell) {
    if (const auto* number = std::get_if<double>(&cell))
        return *number;
    if (const auto* boolean = std::get_if<bool>(&cell))
        return *boolean;
    if (const auto* text = std::get_if<std::string>(&cell))
        return *text;
    return nullptr;
}

} // namespace

Result<RowExplanation> explainRow(const model::Predictor& predictor, const data::Table& table, std::uint64_t row) {
    if (row == 0 || row > table.rows)
        return fail(ErrorCode::NotFound, "{} has no row {}; it has rows 1 to {}.", table.fingerprint.source, row,
                    formatCount(table.rows));
    const data::RowTransform& transform = predictor.package().transform;
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, transform));
    const std::uint32_t position = static_cast<std::uint32_t>(row - 1);
    const std::vector<float> values = encoder.encode(std::span(&position, 1));
    const std::vector<float> scores = TRY(predictor.score(values));
    const std::vector<float> margins = TRY(predictor.margins(values));
    const std::vector<float> shap = TRY(predictor.contributions(values));
    const model::Prediction answer = predictor.decide(scores);
    const model::ModelCard& card = predictor.package().card;
    const std::size_t output = card.task == model::Task::MultiClass ? answer.classIndex : 0;
    const std::size_t width = transform.width(), begin = output * (width + 1);

    RowExplanation explanation{.row = row,
                               .answer = card.classes.empty() ? "" : card.classes[answer.classIndex],
                               .score = static_cast<double>(scores[output]),
                               .margin = static_cast<double>(margins[output]),
                               .expected = static_cast<double>(shap[begin + width])};
    for (std::size_t f = 0; f < width; ++f) {
        const data::Column& column = table.columns[*table.find(transform.fields()[f].name)];
        explanation.reasons.push_back({.field = column.name,
                                       .value = column.cell(position),
                                       .text = data::cellText(column, position),
                                       .contribution = static_cast<double>(shap[begin + f])});
    }
    std::ranges::stable_sort(explanation.reasons, std::ranges::greater{},
                             [](const Reason& reason) { return std::abs(reason.contribution); });
    return explanation;
}

json toJson(const RowExplanation& explanation) {
    json reasons = json::array();
    for (const Reason& reason : explanation.reasons)
        reasons.push_back(
            {{"field", reason.field}, {"value", cellJson(reason.value)}, {"contribution", reason.contribution}});
    return {{"row", explanation.row},
            {"answer", explanation.answer.empty() ? json(nullptr) : json(explanation.answer)},
            {"score", explanation.score},
            {"margin", explanation.margin},
            {"expected_margin", explanation.expected},
            {"reasons", std::move(reasons)}};
}

} // namespace perch::evaluate
