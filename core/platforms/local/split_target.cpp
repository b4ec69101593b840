#include "core/platforms/local/split_target.h"

#include "core/base/file.h"
#include "core/base/utf8.h"

#include <array>
#include <charconv>

namespace perch::local {

namespace {

std::optional<int> toInteger(std::string_view text) {
    int value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

} // namespace

std::string SplitTarget::text() const {
    return fmt::format("{}:{}:{}:{}:{}", stableSlot, canarySlot, canaryWeight.basisPoints(), stable.text(),
        canary ? canary->text() : "-");
}

Result<SplitTarget> SplitTarget::parse(std::string_view text) {
    const Error malformed = fail(ErrorCode::Corrupt, "\"{}\" is not a traffic split of the local platform.", shownText(text));
    std::array<std::string_view, 5> parts;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::size_t end = text.find(':');
        if ((end == std::string_view::npos) != (i + 1 == parts.size()))
            return malformed;
        parts[i] = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    const auto stableSlot = toInteger(parts[0]), canarySlot = toInteger(parts[1]), weight = toInteger(parts[2]);
    const Result<Version> stable = Version::parse(parts[3]);
    if (!stableSlot || !canarySlot || !weight || !stable || *weight < 0 || *weight > 10'000)
        return malformed;
    SplitTarget target{*stableSlot, *canarySlot, Percent::fromBasisPoints(*weight), *stable, std::nullopt};
    if (parts[4] != "-") {
        const Result<Version> canary = Version::parse(parts[4]);
        if (!canary)
            return malformed;
        target.canary = *canary;
    }
    return target;
}

Result<SplitMap> readSplitMap(const std::filesystem::path& file) {
    SplitMap splits;
    Result<std::string> bytes = readFile(file);
    if (!bytes && bytes.error().code == ErrorCode::NotFound)
        return splits;
    const std::string text = TRY(std::move(bytes));
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string line = text.substr(start, end - start);
        start = end + 1;
        const std::size_t space = line.find(' ');
        if (line.empty())
            continue;
        if (space == std::string::npos)
            return fail(ErrorCode::Corrupt, "{}: the line \"{}\" is not a traffic split.", file.string(),
                        shownText(line));
        const ModelName model = TRY(ModelName::parse(line.substr(0, space)));
        splits[model] = TRY(SplitTarget::parse(line.substr(space + 1)));
    }
    return splits;
}

Result<void> writeSplitMap(const std::filesystem::path& file, const SplitMap& splits) {
    std::string text;
    for (const auto& [model, target] : splits)
        text += fmt::format("{} {}\n", model.text(), target.text());
    return writeFileAtomically(file, text);
}

} // namespace perch::local
