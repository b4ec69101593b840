#include "core/data/quality/cell_text.h"
#include "core/data/table_encoder.h"
#include "core/evaluate/explanation.h"
#include "core/stats/row_bootstrap.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

using Point = PartialDependence::Point;

constexpr std::size_t kPoints = 20;
constexpr std::size_t kCategories = 30;

/// A value of the field as the model reads it.
struct GridValue {
    Point point;
    float encoded = 0;
};

/// Quantiles of the numbers, equal ones once.
std::vector<GridValue> numberGrid(const data::Column& column, const data::RowTransform& transform, std::size_t field) {
    std::vector<double> present;
    for (const double number : column.numbers) {
        if (!std::isnan(number))
            present.push_back(number);
    }
    std::ranges::sort(present);
    std::vector<GridValue> grid;
    std::size_t before = 0;
    for (std::size_t i = 0; i < kPoints && !present.empty(); ++i) {
        const double value = present[i * (present.size() - 1) / (kPoints - 1)];
        if (!grid.empty() && grid.back().point.number == value)
            continue;
        const auto upTo = static_cast<std::size_t>(std::ranges::upper_bound(present, value) - present.begin());
        GridValue one{.encoded = transform.encodeNumber(field, value)};
        one.point.value =
            column.type == data::FieldType::Boolean ? (value != 0 ? "true" : "false") : data::shownNumber(value);
        one.point.number = value;
        one.point.rows = upTo - before;
        before = upTo;
        grid.push_back(std::move(one));
    }
    return grid;
}

/// The model's categories, the most frequent of the data first.
std::vector<GridValue> categoryGrid(const data::Column& column, const data::RowTransform& transform,
                                    std::size_t field) {
    std::vector<GridValue> grid;
    for (const std::string& category : transform.fields()[field].categories) {
        GridValue one{.encoded = transform.encodeCategory(field, category)};
        one.point.value = category;
        const auto found = std::ranges::lower_bound(column.categories, category);
        if (found != column.categories.end() && *found == category)
            one.point.rows = static_cast<std::uint64_t>(
                std::ranges::count(column.codes, static_cast<std::int32_t>(found - column.categories.begin())));
        grid.push_back(std::move(one));
    }
    std::ranges::stable_sort(grid, std::ranges::greater{}, [](const GridValue& one) { return one.point.rows; });
    grid.resize(std::min(grid.size(), kCategories));
    for (std::size_t i = 0; i < grid.size(); ++i)
        grid[i].point.number = static_cast<double>(i);
    return grid;
}

Result<std::size_t> outputOf(const model::ModelCard& card, const std::string& name) {
    if (card.task != model::Task::MultiClass && !name.empty())
        return fail(ErrorCode::InvalidInput, "{} has one output; a class is named for models with several.",
                    card.model.text());
    if (card.task != model::Task::MultiClass)
        return std::size_t{0};
    const auto found = std::ranges::find(card.classes, name);
    if (found == card.classes.end())
        return fail(ErrorCode::InvalidInput, "Name one of the classes of {} with --class: {}.", card.model.text(),
                    fmt::join(card.classes, ", "));
    return static_cast<std::size_t>(found - card.classes.begin());
}

double quantile(std::vector<double>& values, double share) {
    const auto at = static_cast<std::ptrdiff_t>(std::lround(share * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

} // namespace

Result<PartialDependence> partialDependence(const model::Predictor& predictor, const data::Table& table,
                                            const std::string& field, const std::string& output, std::size_t limit,
                                            std::uint64_t seed, const std::stop_token& stop) {
    const model::ModelCard& card = predictor.package().card;
    const data::RowTransform& transform = predictor.package().transform;
    const std::optional<std::size_t> index = transform.find(field);
    if (!index)
        return fail(ErrorCode::InvalidInput, "{} does not read a field \"{}\"; the nearest are {}.", card.model.text(),
                    field, fmt::join(data::nearNames(field, transform.names()), ", "));
    const std::size_t chosen = TRY(outputOf(card, output)), outputs = predictor.outputs(), width = transform.width();
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, transform));
    const data::Column& column = *TRY(table.column(field));
    std::vector<GridValue> grid = column.type == data::FieldType::Category ? categoryGrid(column, transform, *index)
                                                                           : numberGrid(column, transform, *index);
    if (grid.empty())
        return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" has no value.", table.fingerprint.source, field);
    std::vector<float> values = encoder.encode(stats::drawnRows(table.rows, limit, seed));
    const std::size_t rows = values.size() / width;

    PartialDependence dependence{.field = field, .type = column.type, .rows = rows};
    if (card.task != model::Task::Regression)
        dependence.output = card.task == model::Task::Binary ? card.classes[1] : output;
    std::vector<double> first(rows), last(rows);
    for (GridValue& one : grid) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The explanation was stopped.");
        for (std::size_t row = 0; row < rows; ++row)
            values[row * width + *index] = one.encoded;
        const std::vector<float> scores = TRY(predictor.score(values));
        double sum = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            last[row] = static_cast<double>(scores[row * outputs + chosen]);
            sum += last[row];
        }
        if (&one == &grid.front())
            first = last;
        std::vector<double> curve = last;
        one.point.mean = sum / static_cast<double>(rows);
        one.point.low = quantile(curve, 0.1);
        one.point.high = quantile(curve, 0.9);
        dependence.points.push_back(std::move(one.point));
    }
    std::uint64_t rising = 0;
    for (std::size_t row = 0; row < rows; ++row)
        rising += last[row] > first[row] ? 1 : 0;
    dependence.risingShare = static_cast<double>(rising) / static_cast<double>(rows);
    return dependence;
}

nlohmann::json toJson(const PartialDependence& dependence) {
    nlohmann::json points = nlohmann::json::array();
    for (const Point& point : dependence.points) {
        nlohmann::json value = point.value;
        if (dependence.type == data::FieldType::Number)
            value = point.number;
        points.push_back({{"value", std::move(value)},
                          {"mean", point.mean},
                          {"low", point.low},
                          {"high", point.high},
                          {"rows", point.rows}});
    }
    return {{"field", dependence.field},
            {"type", data::toString(dependence.type)},
            {"output", dependence.output.empty() ? nlohmann::json(nullptr) : nlohmann::json(dependence.output)},
            {"rows", dependence.rows},
            {"rising_share", dependence.risingShare},
            {"points", std::move(points)}};
}

} // namespace perch::evaluate
