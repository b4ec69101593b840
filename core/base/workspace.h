#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace perch {

/// The one folder that a local installation writes to (mode 0700). The layout is fixed here, so that every room and
/// every program finds the same files.
class Workspace {
public:
    /// `--workspace` if not empty, else PERCH_WORKSPACE, else $XDG_DATA_HOME/perch, else ~/.local/share/perch.
    /// Creates the folder.
    static Result<Workspace> open(const std::filesystem::path& chosen);

    const std::filesystem::path& root() const { return m_root; }
    std::filesystem::path database() const { return m_root / "workspace.db"; }    ///< registry, rollout records, deployments
    std::filesystem::path journal() const { return m_root / "journal.db"; }       ///< what executors are doing
    std::filesystem::path packages() const { return m_root / "packages"; }        ///< package store: packages/<digest>/
    std::filesystem::path audit() const { return m_root / "audit"; }              ///< one chain per writer: <writer>.jsonl
    std::filesystem::path models() const { return m_root / "models"; }            ///< <model>/perch.yaml as last used
    std::filesystem::path runs() const { return m_root / "runs"; }                ///< trainings: runs/<id>/
    std::filesystem::path local() const { return m_root / "local"; }              ///< the local platform's files and sockets
    std::filesystem::path locks() const { return m_root / "locks"; }              ///< one actor per model: <model>.lock

private:
    explicit Workspace(std::filesystem::path root) : m_root(std::move(root)) {}
    std::filesystem::path m_root;
};

} // namespace perch
