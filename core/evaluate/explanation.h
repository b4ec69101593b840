#pragma once

#include "core/data/table.h"
#include "core/model/predict/predictor.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace perch::evaluate {

/// What one field did to an answer.
struct Reason {
    std::string field;
    data::Cell value;        ///< as it stands in the data
    std::string text;        ///< the same as a person wrote it, or `missing`
    double contribution = 0; ///< SHAP value, in units of the margin; above 0 it raises the answer
};

/// Why one row is answered as it is: expected margin plus all contributions is the margin.
struct RowExplanation {
    std::uint64_t row = 0;       ///< from 1, without the header
    std::string answer;          ///< the class; empty for a regression
    double score = 0;            ///< probability of the positive (answered) class, or the number
    double margin = 0;           ///< before the link function: log-odds, the class's number, or the number
    double expected = 0;         ///< the mean margin over the training rows
    std::vector<Reason> reasons; ///< largest contribution first, all fields
};

/// Explains one row of a table (from 1). Several classes: the answered one. NotFound if there is no such row.
Result<RowExplanation> explainRow(const model::Predictor& predictor, const data::Table& table, std::uint64_t row);

/// The answers if one field had another value in all rows, the others staying.
struct PartialDependence {
    struct Point {
        std::string value;        ///< a category, or the number
        double number = 0;        ///< where it stands on the axis: the number, or the position of the category
        double mean = 0;          ///< partial dependence: mean score
        double low = 0, high = 0; ///< the 10 % and 90 % quantiles of the rows' own curves (ICE)
        std::uint64_t rows = 0;   ///< rows of the data with this category, or up to this number since the last
    };
    std::string field;
    data::FieldType type = data::FieldType::Number;
    std::string output;     ///< the class whose probability it is; empty for a regression
    std::uint64_t rows = 0; ///< whose curves were averaged
    double risingShare = 0; ///< of the rows, those whose own curve ends higher than it begins (numbers)
    std::vector<Point>
        points; ///< numbers: up to 20 quantiles of the data; categories: the model's, most frequent first
};

/// Over at most `limit` rows drawn by the seed. `output`: a class of a multi-class model; empty: the positive class,
/// or the number. InvalidInput: no such field or class, a field without values. Cancelled when asked to stop.
Result<PartialDependence> partialDependence(const model::Predictor& predictor, const data::Table& table,
                                            const std::string& field, const std::string& output, std::size_t limit,
                                            std::uint64_t seed, const std::stop_token& stop);

nlohmann::json toJson(const RowExplanation& explanation);
nlohmann::json toJson(const PartialDependence& dependence);

} // namespace perch::evaluate
