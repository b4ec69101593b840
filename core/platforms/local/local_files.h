#pragma once

#include "core/base/ids.h"
#include "core/base/workspace.h"

#include <string>

namespace perch::local {

/// Where the local platform keeps its files, below `<workspace>/local`. HAProxy and Prometheus run with their own
/// folder as working directory and are configured with relative names, so that no path has to be quoted.
struct LocalFiles {
    explicit LocalFiles(const Workspace& workspace) : root(workspace.local()) {}

    std::filesystem::path root;

    std::filesystem::path status() const { return root / "status.json"; }
    std::filesystem::path supervisorLock() const { return root / "supervisor.lock"; }
    std::filesystem::path routeLock() const { return root / "route.lock"; }
    std::filesystem::path logs() const { return root / "logs"; }
    std::filesystem::path log(const std::string& process) const { return logs() / (process + ".log"); }
    /// Of a replica, whose working directory is `root`.
    std::filesystem::path adminSocket(const std::string& replica) const { return root / (replica + ".sock"); }
    std::filesystem::path truthDatabase() const { return root / "truth.db"; }

    std::filesystem::path mirrors() const { return root / "mirror"; }
    std::filesystem::path mirror(const ModelName& model) const { return mirrors() / (model.text() + ".json"); }

    /// What a model's servers are told as perch.yaml.
    std::filesystem::path serving(const ModelName& model) const { return root / "serving" / (model.text() + ".yaml"); }

    std::filesystem::path haproxy() const { return root / "haproxy"; }
    std::filesystem::path haproxySocket() const { return haproxy() / "haproxy.sock"; }
    std::filesystem::path haproxyConfiguration() const { return haproxy() / "haproxy.cfg"; }
    std::filesystem::path splitMap() const { return haproxy() / "split.map"; }
    std::filesystem::path pathMap() const { return haproxy() / "paths.map"; }

    std::filesystem::path prometheus() const { return root / "prometheus"; }
    std::filesystem::path prometheusConfiguration() const { return prometheus() / "prometheus.yml"; }
    std::filesystem::path rules() const { return prometheus() / "perch.rules.yml"; }
    std::filesystem::path limitRules() const { return prometheus() / "limits.rules.yml"; }
    std::filesystem::path targets() const { return prometheus() / "targets" / "perch.json"; }
    std::filesystem::path series() const { return prometheus() / "data"; }

    /// Creates the folders, each with mode 0700.
    Result<void> create() const;
};

} // namespace perch::local
