#pragma once

#include "core/base/clock.h"
#include "core/kube/api_client.h"
#include "tests/support/servers.h"

#include <memory>
#include <string>
#include <vector>

namespace perch::test {

/// A real control plane without nodes (tests/cluster/control_plane.py) in a private folder.
class TestCluster {
public:
    /// NotFound with the reason if its program was not built (scripts/control-plane --build) or kubectl is not there.
    static Result<std::unique_ptr<TestCluster>> start();

    std::filesystem::path kubeconfig() const { return m_folder / "kubeconfig"; }
    std::filesystem::path file(std::string_view name) const { return m_folder / name; }
    /// As `user` (a context of the kubeconfig).
    kube::KubeAccess access(const std::string& user) const;
    kube::ApiClient client(const kube::KubeAccess& access) const;
    std::shared_ptr<kube::ApiSession> session(const std::string& user, const std::string& nameSpace) const;
    kube::ApiClient client(const std::string& user) const { return client(access(user)); }
    /// kubectl as admin; its output. The test fails if it fails.
    std::string kubectl(std::vector<std::string> arguments) const;
    /// kubectl apply of a document.
    void apply(std::string_view document) const;
    /// Kills one server (`kube-apiserver`); it is started again.
    void kill(std::string_view server) const;

private:
    TestCluster() = default;
    Folder m_folder;
    RealClock m_clock;
    std::unique_ptr<ServerProcess> m_process;
};

} // namespace perch::test
