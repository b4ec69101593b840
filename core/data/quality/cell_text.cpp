#include "core/data/quality/cell_text.h"

#include <cmath>

namespace perch::data {

std::string shownText(std::string_view text, std::size_t longest) {
    std::string shown(text.substr(0, longest));
    if (text.size() > longest) {
        while (!shown.empty() && (static_cast<unsigned char>(text[shown.size()]) & 0xC0) == 0x80)
            shown.pop_back(); // not within a UTF-8 sequence
        shown += "…";
    }
    for (char& c : shown) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = '?';
    }
    return shown;
}

std::string shownNumber(double value) {
    return fmt::format("{}", value);
}

std::string cellText(const Column& column, std::size_t row) {
    if (column.type == FieldType::Category)
        return column.codes[row] < 0 ? "missing"
                                     : shownText(column.categories[static_cast<std::size_t>(column.codes[row])]);
    const double value = column.numbers[row];
    if (std::isnan(value))
        return "missing";
    return column.type == FieldType::Boolean ? (value != 0 ? "true" : "false") : shownNumber(value);
}

QualityCell exampleCell(const Column& column, std::size_t row) {
    return {row + 1, column.name, cellText(column, row)};
}

} // namespace perch::data
