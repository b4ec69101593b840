#include "core/model/predict/check_sample.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

namespace perch::model {

namespace {

nlohmann::json toJson(const data::Cell& cell) {
    if (const double* number = std::get_if<double>(&cell))
        return *number;
    if (const bool* flag = std::get_if<bool>(&cell))
        return *flag;
    if (const std::string* text = std::get_if<std::string>(&cell))
        return *text;
    return nullptr;
}

Result<data::Cell> cellFromJson(const nlohmann::json& value) {
    if (value.is_null())
        return data::Cell();
    if (value.is_boolean())
        return data::Cell(value.get<bool>());
    if (value.is_number())
        return data::Cell(value.get<double>());
    if (value.is_string())
        return data::Cell(value.get<std::string>());
    return fail(ErrorCode::InvalidInput,
                "The check sample holds a cell that is neither null, boolean, number nor text.");
}

} // namespace

std::string CheckSample::toJson() const {
    nlohmann::json lines = nlohmann::json::array();
    for (const std::vector<data::Cell>& row : rows) {
        nlohmann::json line = nlohmann::json::array();
        for (const data::Cell& cell : row)
            line.push_back(model::toJson(cell));
        lines.push_back(std::move(line));
    }
    // Floats are written as doubles, which hold them exactly and come back exactly.
    return nlohmann::json{{"schema", 1}, {"rows", std::move(lines)}, {"scores", scores}}.dump();
}

Result<CheckSample> CheckSample::parse(std::string_view json) {
    const nlohmann::json document = TRY(parseJson(json, "check sample"));
    CheckSample sample;
    try {
        for (const nlohmann::json& line : document.at("rows")) {
            std::vector<data::Cell>& row = sample.rows.emplace_back();
            for (const nlohmann::json& value : line)
                row.push_back(TRY(cellFromJson(value)));
        }
        for (const nlohmann::json& entry : document.at("scores")) {
            const double score = entry.get<double>();
            if (!(std::abs(score) <= std::numeric_limits<float>::max()))
                return fail(ErrorCode::InvalidInput, "The check sample holds a score that is not a 32-bit float.");
            sample.scores.push_back(static_cast<float>(score));
        }
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::InvalidInput, "The check sample needs the lists \"rows\" and \"scores\".");
    }
    if (sample.rows.empty())
        return fail(ErrorCode::InvalidInput, "The check sample is empty.");
    return sample;
}

Result<std::vector<float>> CheckSample::encode(const data::RowTransform& transform) const {
    std::vector<float> values;
    values.reserve(rows.size() * transform.width());
    for (const std::vector<data::Cell>& row : rows) {
        if (row.size() != transform.width())
            return fail(ErrorCode::InvalidInput, "A row of the check sample has {} cells instead of {}.", row.size(),
                        transform.width());
        for (std::size_t i = 0; i < row.size(); ++i)
            values.push_back(TRY(transform.encode(i, row[i])));
    }
    return values;
}

} // namespace perch::model
