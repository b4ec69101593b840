#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::registry {

/// The two movable names. `champion` is production (the stable version), `challenger` is staging (the candidate).
inline constexpr const char* kChampion = "champion";
inline constexpr const char* kChallenger = "challenger";

/// `production` -> `champion`, `staging` -> `challenger`; others unchanged.
std::string canonicalAlias(std::string_view alias);

/// One immutable version with its lineage.
struct VersionRecord {
    ModelName model;
    Version version;
    Digest digest;                        ///< of the package
    std::filesystem::path package;        ///< folder in the package store
    SystemTime createdAt{};
    std::string createdBy;                ///< who trained it
    std::map<std::string, double> metrics;
    std::map<std::string, std::string> parameters;
    std::string fingerprint;              ///< of the data, hexadecimal
    std::string dataSource;               ///< file or query, for people
    std::string codeVersion;              ///< version of Perch that trained it
    std::optional<bool> accepted;         ///< nothing: undecided
};

/// What a training hands to `add`: everything but the version number.
using NewVersion = VersionRecord;

struct AliasRecord {
    std::string alias;
    std::optional<Version> version; ///< nothing: removed
    SystemTime movedAt{};
    std::string movedBy;
    std::string reason;
};

/// Versions, aliases and their history. The port behind the embedded registry and MLflow.
/// Implementations are safe from one thread at a time; several processes may use the same store.
class Registry {
public:
    virtual ~Registry() = default;
    virtual Result<std::vector<ModelName>> models() = 0;
    virtual Result<std::vector<VersionRecord>> versions(const ModelName& model) = 0; ///< oldest first
    virtual Result<VersionRecord> version(const ModelName& model, Version version) = 0;
    /// Gives the next number in one transaction. The package must already be in the store.
    virtual Result<VersionRecord> add(NewVersion record) = 0;
    virtual Result<std::map<std::string, Version>> aliases(const ModelName& model) = 0;
    /// Compare-and-set: Conflict if the alias is not at `expected` now (nothing: not set). Moving to the version it
    /// already has is done without a new history entry.
    virtual Result<void> moveAlias(const ModelName& model, std::string_view alias, std::optional<Version> expected,
        std::optional<Version> to, const std::string& who, const std::string& reason) = 0;
    virtual Result<std::vector<AliasRecord>> aliasHistory(const ModelName& model, std::string_view alias) = 0; ///< oldest first
    /// Which version the alias named at a moment.
    virtual Result<std::optional<Version>> aliasAt(const ModelName& model, std::string_view alias, SystemTime when) = 0;
};

} // namespace perch::registry
