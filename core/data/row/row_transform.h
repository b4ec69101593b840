#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace perch::data {

/// What a field holds. Booleans are numbers 0 and 1 in the model and `true`/`false` at the door.
enum class FieldType { Number, Boolean, Category };

/// `number`, `boolean`, `category`
std::string_view toString(FieldType type);

/// One cell as it arrives: nothing, a number, a boolean or a text.
using Cell = std::variant<std::monostate, double, bool, std::string>;

/// One input field of a model, learned on the training rows only and stored in the package.
struct Field {
    std::string name;
    FieldType type = FieldType::Number;
    std::vector<std::string> categories = {}; ///< Category only; the code of a category is its index
    std::optional<double> imputedNumber = {}; ///< median (Number) or mode (Boolean) of the training rows, if imputing
    std::optional<std::uint32_t> imputedCode = {}; ///< mode of the training rows, if imputing
};

/// What the transform did with a cell besides encoding it; counted by serving and by scoring.
enum class CellNote { None, Missing, UnseenCategory };

/// The only place where a number becomes the 32-bit float that the model reads; bins are cut on it too.
inline float toModelNumber(double value) {
    return static_cast<float>(value);
}

/// What the model reads for a number; `missing` for NaN.
inline float toModelValue(double value, float missing) {
    return value != value ? missing : toModelNumber(value);
}

/// The row transform: from named cells to the float vector that XGBoost reads, in field order. One implementation for
/// training, batches and one row, so that there is no skew. Missing is NaN; a category is its code as a float; an
/// unseen category is treated as missing and noted. Immutable after construction: safe from any thread.
class RowTransform {
public:
    RowTransform() = default;
    explicit RowTransform(std::vector<Field> fields);

    const std::vector<Field>& fields() const { return m_fields; }
    std::size_t width() const { return m_fields.size(); }
    /// Position of a field by name.
    std::optional<std::size_t> find(std::string_view name) const;

    /// Encodes one cell of field `index`. InvalidInput that names the field if the type is wrong or the number is not
    /// finite. A text in a Number field is not parsed: that is the business of the source.
    Result<float> encode(std::size_t index, const Cell& cell, CellNote* note = nullptr) const;
    /// The typed forms that batches use; the same arithmetic as `encode`.
    float encodeNumber(std::size_t index, double value) const;
    float encodeMissing(std::size_t index) const;
    float encodeCategory(std::size_t index, std::string_view category, CellNote* note = nullptr) const;
    /// Whether the category was seen in training.
    bool knows(std::size_t index, std::string_view category) const;

    /// `q` and `c` per field: the feature types that XGBoost is told.
    std::vector<std::string> xgboostTypes() const;
    std::vector<std::string> names() const;

    nlohmann::json toJson() const;
    static Result<RowTransform> fromJson(const nlohmann::json& document);

private:
    /// Looked up by string_view without making a string.
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    template <typename T>
    using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

    std::vector<Field> m_fields;
    ByText<std::size_t> m_index;
    std::vector<ByText<std::uint32_t>> m_codes; ///< per field, category -> code
};

} // namespace perch::data
