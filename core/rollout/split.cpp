#include "core/rollout/split.h"

#include "core/base/utf8.h"

namespace perch::rollout {

namespace {

struct Share {
    Version version;
    Percent weight;
};

Result<Share> parseShare(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos)
        return fail(ErrorCode::InvalidInput, "\"{}\" is not a version and its weight: write v1 90.", shownText(text));
    return Share{TRY(Version::parse(text.substr(0, space))), TRY(Percent::parse(text.substr(space + 1)))};
}

} // namespace

std::string Split::text() const {
    if (!canary)
        return stable.text() + " 100";
    return fmt::format("{} {}, {} {}", stable.text(), stableWeight().text(), canary->text(), canaryWeight.text());
}

Result<Split> Split::parse(std::string_view text) {
    const auto comma = text.find(", ");
    const Share stable = TRY(parseShare(text.substr(0, comma)));
    if (comma == std::string_view::npos) {
        if (stable.weight.basisPoints() != 10'000)
            return fail(ErrorCode::InvalidInput, "The weights in \"{}\" do not add up to 100.", shownText(text));
        return Split{stable.version, {}, {}};
    }
    const Share canary = TRY(parseShare(text.substr(comma + 2)));
    if (stable.weight.basisPoints() + canary.weight.basisPoints() != 10'000)
        return fail(ErrorCode::InvalidInput, "The weights in \"{}\" do not add up to 100.", shownText(text));
    if (stable.version == canary.version)
        return fail(ErrorCode::InvalidInput, "\"{}\" names the same version twice.", shownText(text));
    return Split{stable.version, canary.version, canary.weight};
}

std::optional<Split> splitOf(const fleet::Route& route) {
    if (!route.stable)
        return {};
    return Split{*route.stable, route.canary, route.canary ? route.canaryWeight : Percent()};
}

std::string splitText(const fleet::Route& route) {
    const auto split = splitOf(route);
    return split ? split->text() : std::string();
}

std::string mirrorText(const std::optional<fleet::Mirror>& mirror) {
    return mirror ? fmt::format("{} {}", mirror->version.text(), mirror->share.text()) : std::string();
}

Result<std::optional<fleet::Mirror>> parseMirror(std::string_view text) {
    if (text.empty())
        return std::optional<fleet::Mirror>();
    const Share share = TRY(parseShare(text));
    return std::optional(fleet::Mirror{share.version, share.weight});
}

} // namespace perch::rollout
