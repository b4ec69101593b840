#pragma once

#include "core/base/utf8.h"
#include "core/data/cell_words.h"
#include "core/data/table.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

namespace perch::data {

/// Empty or `NA`, in every table; of a text without spaces around it.
bool isMissingCell(std::string_view text);

/// Reads the texts of one column into typed storage, batch by batch, and infers the type on the way: numbers, true and
/// false, or texts; a cell that is empty or `NA` is missing (for numbers `NaN` too). A text among numbers makes a
/// category of the whole column: the numbers' own texts are gone by then, so `mustReread` asks for a second pass with
/// the type declared. With a declared type a cell that does not fit is InvalidInput that names the column; `rows` says how
/// many came before it. Not thread-safe, but different columns may be built on different threads.
class ColumnBuilder {
public:
    /// The cells lie in `memory`; without one on the heap.
    ColumnBuilder(std::string name, std::optional<FieldType> declared, std::size_t maximumCategories,
                  std::shared_ptr<ColumnMemory> memory = nullptr);

    /// Room for so many rows, when they can be estimated.
    void reserve(std::size_t rows) { m_reserved = rows; }
    /// Numbers beyond 32-bit floats and infinite ones are kept, not refused.
    void allowAnyNumber();
    /// What follows was stored as floating-point numbers, whole or not.
    void noteFractions() { m_whole = false; }
    /// Cell i of `count` is bytes[offsets[i], offsets[i + 1]).
    Result<void> append(const std::int32_t* offsets, const char* bytes, std::size_t count);
    /// Values that are stored as numbers (or as true and false: 1 and 0); NaN is missing. Where texts are declared they
    /// become texts: `12.5`, `true`.
    Result<void> append(std::span<const double> values, FieldType stored);
    std::size_t rows() const { return m_rows; }
    bool mustReread() const { return m_mustReread; }
    const std::string& name() const { return m_name; }
    void release() const; ///< as of a column
    /// The column with sorted categories; the builder is empty afterwards.
    Column finish();

private:
    enum class Fit { Yes, No };
    Fit appendNumber(std::string_view text);
    Fit appendBoolean(std::string_view text);
    bool appendRecent(const TextWords& words, std::string_view text);
    Result<void> appendCategory(std::string_view text);
    void appendMissing();
    Result<void> appendValue(double value, FieldType stored);
    Result<void> appendFirst(std::string_view text);
    Result<void> misfit(std::string_view text);
    Error cellError(std::string_view why) const;

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };

    std::string m_name;
    std::optional<FieldType> m_declared;
    std::optional<FieldType> m_type; ///< nothing while every cell was missing
    std::size_t m_maximumCategories;
    std::size_t m_reserved = 0;
    std::size_t m_rows = 0;
    std::uint64_t m_missing = 0;
    bool m_mustReread = false;
    bool m_whole = true; ///< no number was written with a fraction
    double m_largestNumber;
    Numbers m_numbers;
    Codes m_codes;
    std::vector<std::string> m_categories; ///< in order of appearance
    std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> m_codeOf;
    /// A text met lately; it is the key in `m_codeOf`.
    struct Recent {
        TextWords words;
        const std::string* text = nullptr;
        std::int32_t code = 0;
    };
    std::array<Recent, 64> m_recent;
};

} // namespace perch::data
