#include "core/base/utf8.h"

#include <algorithm>

namespace perch {

namespace {

/// Length of the UTF-8 sequence that starts here, or 0 if it is malformed, overlong or a surrogate.
std::size_t sequenceLength(const unsigned char* at, std::size_t left) {
    const auto follows = [&](std::size_t i) { return i < left && (at[i] & 0xC0) == 0x80; };
    if (at[0] < 0x80)
        return at[0] == 0 ? 0 : 1;
    if (at[0] >= 0xC2 && at[0] <= 0xDF)
        return follows(1) ? 2 : 0;
    if ((at[0] & 0xF0) == 0xE0) {
        const bool overlong = at[0] == 0xE0 && left > 1 && at[1] < 0xA0;
        const bool surrogate = at[0] == 0xED && left > 1 && at[1] >= 0xA0;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (at[0] >= 0xF0 && at[0] <= 0xF4) {
        const bool overlong = at[0] == 0xF0 && left > 1 && at[1] < 0x90;
        const bool tooLarge = at[0] == 0xF4 && left > 1 && at[1] >= 0x90;
        return follows(1) && follows(2) && follows(3) && !overlong && !tooLarge ? 4 : 0;
    }
    return 0;
}

} // namespace

bool isUtf8(std::string_view bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = sequenceLength(at + i, bytes.size() - i);
        if (length == 0)
            return false;
        i += length;
    }
    return true;
}

std::string shownText(std::string_view text, std::size_t longest) {
    std::size_t length = std::min(text.size(), longest);
    while (length > 0 && length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80)
        --length; // not within a character
    std::string result(text.substr(0, length));
    for (char& c : result) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            c = '?';
    }
    if (!isUtf8(result))
        return "bytes that are not UTF-8";
    return length < text.size() ? result + "..." : result;
}

} // namespace perch
