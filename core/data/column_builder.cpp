#include "core/data/column_builder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace perch::data {

namespace {

constexpr double kLargestNumber = std::numeric_limits<float>::max(); // models hold 32-bit floats
constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// A decimal such as `-12.345` of at most 16 characters. Mantissa and power of ten are exact, so one division rounds as
/// it should; anything else is left to from_chars, which takes twice as long.
/// `whole` becomes false if there is a point.
bool parsePlain(std::string_view text, double& value, bool& whole) {
    static constexpr double kPowers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                         1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    const bool negative = text.starts_with('-');
    text.remove_prefix(negative ? 1 : 0);
    if (text.size() > 16)
        return false;
    std::uint64_t mantissa = 0;
    std::size_t point = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
        if (digit < 10)
            mantissa = mantissa * 10 + digit;
        else if (text[i] == '.' && point == text.size())
            point = i;
        else
            return false;
    }
    const std::size_t decimals = point == text.size() ? 0 : text.size() - point - 1;
    if (point + decimals == 0) // no digit
        return false;
    if (mantissa > std::uint64_t{1} << 53)
        return false;
    whole = whole && point == text.size();
    const double magnitude = static_cast<double>(mantissa) / kPowers[decimals];
    value = negative ? -magnitude : magnitude;
    return true;
}

/// Digits and a sign, however many.
bool isWhole(std::string_view text) {
    return text.find_first_not_of("+-0123456789") == std::string_view::npos;
}

bool equalsIgnoringCase(std::string_view text, std::string_view lower) {
    return text.size() == lower.size() &&
           std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) { return (a | 0x20) == b; });
}

std::optional<bool> parseBoolean(std::string_view text) {
    if (equalsIgnoringCase(text, "true"))
        return true;
    if (equalsIgnoringCase(text, "false"))
        return false;
    return std::nullopt;
}

std::optional<double> parseNumber(std::string_view text) {
    if (text.size() > 1 && text.front() == '+' && text[1] != '-')
        text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || error == std::errc::invalid_argument)
        return std::nullopt;
    // Too large or too small for a double: infinity or zero, as the C library rounds.
    return error == std::errc::result_out_of_range ? std::strtod(std::string(text).c_str(), nullptr) : value;
}

} // namespace

bool isMissingCell(std::string_view text) {
    return text.empty() || text == "NA";
}

ColumnBuilder::ColumnBuilder(std::string name, std::optional<FieldType> declared, std::size_t maximumCategories,
                             std::shared_ptr<ColumnMemory> memory)
    : m_name(std::move(name)), m_declared(declared), m_type(declared), m_maximumCategories(maximumCategories),
      m_largestNumber(kLargestNumber), m_numbers(ColumnAllocator<double>(memory)), m_codes(ColumnAllocator<std::int32_t>(memory)) {}

void ColumnBuilder::release() const {
    if (const auto memory = m_numbers.get_allocator().memory()) {
        memory->release(m_numbers.data());
        memory->release(m_codes.data());
    }
}

void ColumnBuilder::allowAnyNumber() {
    m_largestNumber = std::numeric_limits<double>::infinity();
}

Result<void> ColumnBuilder::append(const std::int32_t* offsets, const char* bytes, std::size_t count) {
    if (m_reserved > 0 && m_type)
        m_type == FieldType::Category ? m_codes.reserve(m_reserved) : m_numbers.reserve(m_reserved);
    for (std::size_t i = 0; i < count && !m_mustReread; ++i) {
        const std::string_view text(bytes + offsets[i], static_cast<std::size_t>(offsets[i + 1] - offsets[i]));
        const bool wordBefore = static_cast<std::size_t>(offsets[i + 1]) >= sizeof(std::uint64_t);
        // Nearly every cell of a table is a plain number or a text that came a few rows before.
        if (double value = 0; m_type == FieldType::Number) {
            if ((wordBefore && parseShortNumber(text.data() + text.size(), text.size(), value, m_whole)) ||
                parsePlain(text, value, m_whole)) {
                m_numbers.push_back(value);
                ++m_rows;
                continue;
            }
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            if (error == std::errc{} && end == text.data() + text.size() && std::abs(value) <= m_largestNumber) {
                m_whole = m_whole && isWhole(text);
                m_numbers.push_back(value);
                ++m_rows;
                continue;
            }
        }
        if (m_type == FieldType::Category && wordBefore &&
            appendRecent(TextWords::ending(text.data() + text.size(), text.size()), text)) {
            ++m_rows;
            continue;
        }
        if (isMissingCell(text))
            appendMissing();
        else if (!m_type)
            TRY(appendFirst(text));
        else if (m_type == FieldType::Category)
            TRY(appendCategory(text));
        else if ((m_type == FieldType::Number ? appendNumber(text) : appendBoolean(text)) == Fit::No)
            TRY(misfit(text));
        ++m_rows;
    }
    return {};
}

Result<void> ColumnBuilder::append(std::span<const double> values, FieldType stored) {
    if (!m_type) {
        m_type = stored;
        m_numbers.assign(m_rows, kNotANumber);
    }
    if (m_reserved > 0)
        m_type == FieldType::Category ? m_codes.reserve(m_reserved) : m_numbers.reserve(m_reserved);
    for (const double value : values) {
        if (std::isnan(value))
            appendMissing();
        else if (m_type == stored && std::abs(value) <= m_largestNumber)
            m_numbers.push_back(value);
        else
            TRY(appendValue(value, stored));
        ++m_rows;
    }
    return {};
}

/// A value whose storage is not the column's type.
Result<void> ColumnBuilder::appendValue(double value, FieldType stored) {
    const std::string text = stored == FieldType::Boolean ? (value != 0 ? "true" : "false") : fmt::format("{}", value);
    if (m_type == FieldType::Category)
        return appendCategory(text);
    return (m_type == FieldType::Number ? appendNumber(text) : appendBoolean(text)) == Fit::Yes ? Result<void>()
                                                                                                : misfit(text);
}

ColumnBuilder::Fit ColumnBuilder::appendNumber(std::string_view text) {
    const std::optional<double> number = parseNumber(trimmed(text));
    if (!number) {
        if (!isMissingCell(trimmed(text)))
            return Fit::No;
        appendMissing();
        return Fit::Yes;
    }
    if (std::isnan(*number)) {
        appendMissing();
        return Fit::Yes;
    }
    if (std::abs(*number) > m_largestNumber)
        return Fit::No;
    m_whole = m_whole && isWhole(trimmed(text));
    m_numbers.push_back(*number);
    return Fit::Yes;
}

ColumnBuilder::Fit ColumnBuilder::appendBoolean(std::string_view text) {
    std::optional<bool> flag = parseBoolean(trimmed(text));
    if (!flag && m_declared && (text == "0" || text == "1"))
        flag = text == "1";
    if (!flag)
        return Fit::No;
    m_numbers.push_back(*flag ? 1 : 0);
    return Fit::Yes;
}

bool ColumnBuilder::appendRecent(const TextWords& words, std::string_view text) {
    const Recent& recent = m_recent[words.slot(m_recent.size())];
    if (recent.text == nullptr || recent.words != words || (text.size() > TextWords::kComplete && *recent.text != text))
        return false;
    m_codes.push_back(recent.code);
    return true;
}

Result<void> ColumnBuilder::appendCategory(std::string_view text) {
    const TextWords words(text);
    if (appendRecent(words, text))
        return {};
    if (const auto known = m_codeOf.find(text); known != m_codeOf.end()) {
        m_codes.push_back(known->second);
        m_recent[words.slot(m_recent.size())] = {words, &known->first, known->second};
        return {};
    }
    if (!isUtf8(text))
        return cellError("holds bytes that are not UTF-8");
    if (m_categories.size() >= m_maximumCategories)
        return cellError(
            fmt::format("is a text with more than {} different values, too many for a category; leave it out",
                        m_maximumCategories));
    const auto code = static_cast<std::int32_t>(m_categories.size());
    m_categories.emplace_back(text);
    m_codeOf.emplace(m_categories.back(), code);
    m_codes.push_back(code);
    return {};
}

void ColumnBuilder::appendMissing() {
    ++m_missing;
    if (m_type)
        m_type == FieldType::Category ? m_codes.push_back(-1) : m_numbers.push_back(kNotANumber);
}

/// The first value decides the type; the missing cells before it are filled in.
Result<void> ColumnBuilder::appendFirst(std::string_view text) {
    const std::string_view bare = trimmed(text);
    if (isMissingCell(bare)) {
        appendMissing();
        return {};
    }
    if (parseBoolean(bare))
        m_type = FieldType::Boolean;
    else
        m_type = parseNumber(bare) ? FieldType::Number : FieldType::Category;
    if (m_type == FieldType::Category) {
        m_codes.assign(m_rows, -1);
        return appendCategory(text);
    }
    m_numbers.assign(m_rows, kNotANumber);
    return (m_type == FieldType::Number ? appendNumber(text) : appendBoolean(text)) == Fit::Yes ? Result<void>()
                                                                                                : misfit(text);
}

Result<void> ColumnBuilder::misfit(std::string_view text) {
    const std::string_view bare = trimmed(text);
    // A number that the model cannot hold is wrong, not a text.
    if (const std::optional<double> number = parseNumber(bare); number && m_type == FieldType::Number)
        return cellError(fmt::format("holds {}, which is beyond the range of a 32-bit float", shownText(bare)));
    if (m_declared)
        return cellError(fmt::format("holds \"{}\" where {} is expected", shownText(text),
                                     m_type == FieldType::Number ? "a number" : "true or false"));
    m_mustReread = true;
    m_numbers = {};
    return {};
}

Error ColumnBuilder::cellError(std::string_view why) const {
    Error error = fail(ErrorCode::InvalidInput, "The column \"{}\" {}", m_name, why);
    error.where = m_name;
    return error;
}

Column ColumnBuilder::finish() {
    Column column{.name = m_name, .type = m_type.value_or(FieldType::Number), .missing = m_missing};
    if (!m_type)
        m_numbers.assign(m_rows, kNotANumber);
    column.whole = m_whole && column.type == FieldType::Number && m_missing == 0;
    column.numbers = std::move(m_numbers);
    std::vector<std::size_t> order(m_categories.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return m_categories[a] < m_categories[b]; });
    std::vector<std::int32_t> sortedCode(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        sortedCode[order[i]] = static_cast<std::int32_t>(i);
        column.categories.push_back(std::move(m_categories[order[i]]));
    }
    for (std::int32_t& code : m_codes)
        code = code < 0 ? code : sortedCode[static_cast<std::size_t>(code)];
    column.codes = std::move(m_codes);
    m_recent = {};
    m_codeOf.clear();
    return column;
}

} // namespace perch::data
