#include "core/spec/mirror_settings.h"

#include "core/base/digest.h"
#include "core/base/json.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace perch::spec {

namespace {

constexpr const char* kMirrorSettings = "The mirror settings";
/// Requests are told apart by the first 32 bits of their id's digest.
constexpr int kHashDigits = 8;
constexpr double kHashes = 4'294'967'296.0;

Result<std::vector<std::string>> targetsOf(const nlohmann::json& document) {
    const auto found = document.find("targets");
    if (found == document.end() || !found->is_array() || found->empty())
        return fail(ErrorCode::InvalidInput, "{}: the field \"targets\" is not a list of addresses.", kMirrorSettings);
    std::vector<std::string> targets;
    for (const nlohmann::json& target : *found) {
        const std::string text = target.is_string() ? target.get<std::string>() : std::string();
        if (!text.starts_with("http://") && !text.starts_with("https://"))
            return fail(ErrorCode::InvalidInput, "{}: \"targets\" holds something else than http://host:port.",
                        kMirrorSettings);
        targets.push_back(text);
    }
    return targets;
}

} // namespace

std::string MirrorSettings::text() const {
    const nlohmann::ordered_json document = {
        {"model", model.text()}, {"version", version.text()}, {"share", share.share()}, {"targets", targets}};
    return document.dump() + "\n";
}

Result<MirrorSettings> MirrorSettings::parse(std::string_view text) {
    const nlohmann::json document = TRY(parseJson(text, kMirrorSettings));
    if (!document.is_object())
        return fail(ErrorCode::InvalidInput, "{} are not a JSON object.", kMirrorSettings);
    for (const auto& [key, value] : document.items()) {
        if (key != "model" && key != "version" && key != "share" && key != "targets")
            return fail(ErrorCode::InvalidInput, "{}: the field \"{}\" is unknown.", kMirrorSettings,
                        key.substr(0, 100));
    }
    MirrorSettings settings;
    settings.model = TRY(ModelName::parse(TRY(jsonString(document, "model", kMirrorSettings))));
    settings.version = TRY(Version::parse(TRY(jsonString(document, "version", kMirrorSettings))));
    const double share = TRY(jsonNumber(document, "share", kMirrorSettings));
    if (!(share >= 0 && share <= 1))
        return fail(ErrorCode::InvalidInput, "{}: \"share\" is not between 0 and 1.", kMirrorSettings);
    settings.share = TRY(Percent::fromPercent(share * 100));
    settings.targets = TRY(targetsOf(document));
    return settings;
}

bool MirrorSettings::samples(std::string_view requestId) const {
    const std::string hex = sha256(requestId).hex();
    std::uint32_t hash = 0;
    std::from_chars(hex.data(), hex.data() + kHashDigits, hash, 16);
    return hash < share.share() * kHashes;
}

} // namespace perch::spec
