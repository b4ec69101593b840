#include "core/http/message.h"
#include "core/http/serialize.h"
#include "tests/fuzz/fuzzer.h"

#include <algorithm>

/// Escapes of URLs, and header values that data became: no line break gets out.
PERCH_FUZZER(http_text) {
    using namespace perch;
    fuzz::require(http::percentDecode(http::percentEncode(bytes)) == bytes, "an encoded text decodes");
    fuzz::require(http::percentDecode(bytes).size() <= bytes.size(), "decoding makes nothing longer");
    std::string output;
    const std::string text(bytes);
    http::serialize({.status = 200, .headers = {{"X-Text", text}}, .body = text}, {}, output);
    const std::size_t head = output.find("\r\n\r\n");
    fuzz::require(head != output.npos && std::string_view(output).substr(head + 4) == bytes,
                  "the body follows the first empty line");
    fuzz::require(std::ranges::count(output.substr(0, head), '\n') == 3, "a header value is one line");
}
