#include "core/base/text.h"

namespace perch {

std::string formatText(std::string_view pattern, const std::vector<std::string>& arguments) {
    std::string result;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool placeholder = pattern[i] == '%' && i + 1 < pattern.size() && pattern[i + 1] >= '1' &&
                                 pattern[i + 1] <= '9';
        if (!placeholder) {
            result += pattern[i];
            continue;
        }
        const auto index = static_cast<std::size_t>(pattern[++i] - '1');
        if (index < arguments.size())
            result += arguments[index];
    }
    return result;
}

std::string Text::english() const {
    return formatText(source, arguments);
}

Text verbatim(std::string text) {
    return Text{"", "%1", {std::move(text)}};
}

} // namespace perch
