#include "core/base/base64.h"

#include <algorithm>
#include <limits>
#include <openssl/evp.h>

namespace perch {

std::string toBase64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int written =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(written));
    return text;
}

std::optional<std::string> fromBase64(std::string_view text) {
    std::string bare;
    std::ranges::copy_if(text, std::back_inserter(bare),
                         [](char c) { return c != ' ' && c != '\n' && c != '\r' && c != '\t'; });
    if (bare.size() % 4 != 0 || bare.size() > std::numeric_limits<int>::max())
        return std::nullopt;
    // EVP_DecodeBlock takes padding anywhere and counts its bytes.
    const std::size_t end = bare.find('=');
    const std::size_t padding = end == std::string::npos ? 0 : bare.size() - end;
    if (padding > 2 || (padding == 2 && bare.back() != '='))
        return std::nullopt;
    std::string bytes(bare.size() / 4 * 3, '\0');
    const int written =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<const unsigned char*>(bare.data()), static_cast<int>(bare.size()));
    if (written < 0)
        return std::nullopt;
    bytes.resize(static_cast<std::size_t>(written) - padding);
    return bytes;
}

} // namespace perch
