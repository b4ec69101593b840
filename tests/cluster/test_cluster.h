#pragma once

#include "core/base/clock.h"
#include "core/kube/api_client.h"
#include "tests/support/servers.h"

#include <memory>
#include <string>
#include <vector>

namespace perch::test {

/// A real control plane (tests/cluster/control_plane.py) in a private folder.
class TestCluster {
public:
    enum class Rollouts { No, Yes };
    enum class Gateway { No, Yes };
    /// What it has besides the control plane.
    struct Parts {
        /// On these Pods become ready at once, but those of the image `localhost/perch-server:crash`, which crash, and
        /// of `localhost/perch-server:unready`. Without nodes all Pods wait.
        unsigned nodes = 0;
        Rollouts rollouts = Rollouts::No; ///< the controller of Argo Rollouts and its CRDs
        Gateway gateway = Gateway::No;    ///< the CRDs of Gateway API
    };
    /// NotFound with the reason if a part was not built (scripts/control-plane --build) or kubectl is not there.
    static Result<std::unique_ptr<TestCluster>> start(const Parts& parts);

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

/// Tests that share one cluster; each uses names of its own. `Suite` has `static TestCluster::Parts parts()` and `static
/// void prepare()`, which is called once, with the cluster. Without its parts the tests are skipped, and say so.
template <typename Suite>
class OnCluster : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        Result<std::unique_ptr<TestCluster>> started = TestCluster::start(Suite::parts());
        if (!started) {
            missing = started.error();
            return;
        }
        cluster = std::move(*started);
        Suite::prepare();
    }
    static void TearDownTestSuite() { cluster.reset(); }
    void SetUp() override {
        if (cluster)
            return;
        ASSERT_EQ(missing.code, ErrorCode::NotFound) << missing.message;
        GTEST_SKIP() << "NOT TESTED: " << missing.message;
    }
    static inline std::unique_ptr<TestCluster> cluster;
    static inline Error missing;
};

} // namespace perch::test
