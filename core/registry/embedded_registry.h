#pragma once

#include "core/base/database.h"
#include "core/base/workspace.h"
#include "core/registry/registry.h"

#include <memory>

namespace perch::registry {

/// The registry of a workspace: tables in its database beside those of other rooms, packages in its package store.
/// Versions and the history of aliases are append-only; the database itself refuses to change or delete them.
/// Safe from one thread at a time; several processes may use one workspace.
class EmbeddedRegistry final : public Registry {
public:
    /// `clock` must outlive the registry.
    static Result<std::unique_ptr<EmbeddedRegistry>> open(const Workspace& workspace, const Clock& clock);

    Result<std::vector<ModelName>> models() override;
    Result<std::vector<VersionRecord>> versions(const ModelName& model) override;
    Result<VersionRecord> version(const ModelName& model, Version version) override;
    /// NotFound if the package's folder does not exist. A creation time that is not set is now.
    Result<VersionRecord> add(NewVersion record) override;
    Result<std::map<std::string, Version>> aliases(const ModelName& model) override;
    Result<void> moveAlias(const ModelName& model, std::string_view alias, std::optional<Version> expected,
                           std::optional<Version> to, const std::string& who, const std::string& reason) override;
    Result<std::vector<AliasRecord>> aliasHistory(const ModelName& model, std::string_view alias) override;
    Result<std::optional<Version>> aliasAt(const ModelName& model, std::string_view alias, SystemTime when) override;

private:
    EmbeddedRegistry(Database database, std::filesystem::path root, const Clock& clock)
        : m_database(std::move(database)), m_root(std::move(root)), m_clock(clock) {}
    Result<VersionRecord> readRecord(const Statement& row) const;
    Result<std::optional<Version>> aliasNow(const ModelName& model, const std::string& alias);
    Result<void> requireVersion(const ModelName& model, Version version);
    Result<void> writeHistory(const ModelName& model, const std::string& alias, std::optional<Version> version,
                              const std::string& who, const std::string& reason);

    Database m_database;
    std::filesystem::path m_root; ///< of the workspace; packages inside it are stored relative to it
    const Clock& m_clock;
};

} // namespace perch::registry
