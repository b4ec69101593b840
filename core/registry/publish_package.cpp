#include "core/registry/publish_package.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch::registry {

namespace {

/// Removes a package folder that was put into the store, unless it is kept.
class StoredPackage {
public:
    explicit StoredPackage(std::filesystem::path folder) : m_folder(std::move(folder)) {
        std::error_code code;
        m_isNew = !std::filesystem::exists(m_folder, code);
    }
    StoredPackage(const StoredPackage&) = delete;
    ~StoredPackage() {
        std::error_code code;
        if (m_isNew)
            std::filesystem::remove_all(m_folder, code);
    }
    const std::filesystem::path& folder() const { return m_folder; }
    void keep() { m_isNew = false; }

private:
    std::filesystem::path m_folder;
    bool m_isNew = false;
};

std::optional<Version> versionOf(const std::map<std::string, Version>& aliases, const std::string& alias) {
    const auto found = aliases.find(alias);
    return found == aliases.end() ? std::nullopt : std::optional(found->second);
}

/// The alias that an accepted version got.
Result<std::string> moveAliasTo(Registry& registry, const VersionRecord& record, const std::string& who) {
    const std::map<std::string, Version> aliases = TRY(registry.aliases(record.model));
    if (!versionOf(aliases, kChampion)) {
        const Result<void> moved =
            registry.moveAlias(record.model, kChampion, std::nullopt, record.version, who, "first accepted version");
        if (moved || moved.error().code != ErrorCode::Conflict)
            return moved ? Result<std::string>(kChampion) : moved.error();
        // Another training was first: this one is the candidate.
    }
    const std::optional<Version> before = versionOf(aliases, kChallenger);
    TRY(registry.moveAlias(record.model, kChallenger, before, record.version, who, "accepted after training"));
    return std::string(kChallenger);
}

} // namespace

Result<NewVersion> lineageOf(const model::PackageParts& parts) {
    const std::string what = "The capsule of the package";
    const nlohmann::json capsule = TRY(parseJson(parts.capsule, what));
    NewVersion record;
    record.model = parts.card.model;
    record.digest = model::digestOf(parts);
    record.createdAt = parts.card.trainedAt;
    record.metrics = parts.card.metrics;
    try {
        for (const auto& [name, value] : capsule.at("parameters").items())
            record.parameters[name] = value.get<std::string>();
        record.parameters["rounds"] = std::to_string(capsule.at("rounds").get<std::uint64_t>());
        record.parameters["threshold"] = fmt::format("{} ({})", parts.card.threshold, parts.card.thresholdRule);
        record.parameters["split_seed"] = std::to_string(capsule.at("split").at("seed").get<std::uint64_t>());
        record.fingerprint = capsule.at("fingerprint").at("digest").get<std::string>();
        record.dataSource = capsule.at("fingerprint").at("source").get<std::string>();
        record.codeVersion = capsule.at("versions").at("perch").get<std::string>();
    } catch (const nlohmann::json::exception&) {
        return fail(ErrorCode::Corrupt, "{} lacks the parameters, the fingerprint or the versions.", what);
    }
    return record;
}

Result<Publication> publishPackage(Registry& registry, const std::filesystem::path& store,
                                   const model::PackageParts& parts, std::optional<bool> accepted,
                                   const std::string& who) {
    NewVersion record = TRY(lineageOf(parts));
    StoredPackage stored(store / record.digest.hex());
    TRY(model::writePackage(parts, stored.folder()));
    record.package = stored.folder();
    record.createdBy = who;
    record.accepted = accepted;
    Publication publication{.record = TRY(registry.add(std::move(record)))};
    stored.keep();
    if (accepted.value_or(false))
        publication.alias = TRY(moveAliasTo(registry, publication.record, who));
    return publication;
}

} // namespace perch::registry
