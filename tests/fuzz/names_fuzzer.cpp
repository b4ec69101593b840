#include "core/base/ids.h"
#include "core/base/number_format.h"
#include "core/base/secret_reference.h"
#include "core/base/units.h"
#include "core/base/utf8.h"
#include "tests/fuzz/fuzzer.h"

#include <nlohmann/json.hpp>

namespace {

/// Whether the JSON library, which checks UTF-8 by itself, takes the bytes.
bool isUtf8Elsewhere(std::string_view bytes) {
    try {
        (void)nlohmann::json(std::string(bytes)).dump();
        return bytes.find('\0') == bytes.npos;
    } catch (const nlohmann::json::exception&) {
        return false;
    }
}

} // namespace

/// The small texts that come from command lines, URLs and files: names, versions, digests, weights, references.
PERCH_FUZZER(names) {
    using namespace perch;
    fuzz::require(isUtf8(bytes) == isUtf8Elsewhere(bytes), "both agree on what UTF-8 is");
    const std::string shown = shownText(bytes);
    fuzz::require(isUtf8(shown) && shown.size() <= 43, "a shown text is UTF-8 and short");

    const auto name = ModelName::parse(bytes);
    const auto version = Version::parse(bytes);
    const auto digest = Digest::parse(bytes);
    const auto percent = Percent::parse(bytes);
    const auto reference = SecretReference::parse(bytes);
    fuzz::requireSentence(name);
    fuzz::requireSentence(version);
    fuzz::requireSentence(digest);
    fuzz::requireSentence(percent);
    fuzz::requireSentence(reference);
    fuzz::require(!name || name->text() == bytes, "a name is its text");
    fuzz::require(!version || (version->number > 0 && *Version::parse(version->text()) == *version),
                  "a version reads back");
    fuzz::require(!digest || digest->hex() == bytes, "a digest is its text");
    fuzz::require(!percent || *Percent::parse(percent->text()) == *percent, "a weight reads back");
    fuzz::require(!reference || reference->text() == bytes, "a reference is its text");
    fuzz::require(reference || bytes.size() < 12 || reference.error().message.find(bytes) == std::string::npos,
                  "what may be a secret is not repeated");

    double number = 0;
    bytes.copy(reinterpret_cast<char*>(&number), sizeof number);
    for (const std::string& text : {formatPercent(number), formatDecimal(number, 2), formatSigned(number, 3),
                                    formatLatency(number), formatAge(Seconds(number)), formatPValue(number)})
        fuzz::require(!text.empty() && isUtf8(text), "a number has a text");
}
