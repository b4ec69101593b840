#include "core/platforms/kubernetes/cluster_reader.h"
#include "tests/cluster/test_cluster.h"

#include <fstream>
#include <set>

/// The manifests of k8s/ on a real API server.
namespace perch::kubernetes {
namespace {

using test::TestCluster;

class RealManifests : public test::OnCluster<RealManifests> {
public:
    static TestCluster::Parts parts() { return {.nodes = 3, .gateway = TestCluster::Gateway::Yes}; }
    static void prepare() {
        cluster->kubectl({"create", "namespace", "manifests"});
        cluster->kubectl({"label", "namespace", "manifests", "pod-security.kubernetes.io/enforce=restricted",
                          "pod-security.kubernetes.io/warn=restricted"});
    }

protected:
    /// A file with what `kubectl apply -k` would apply.
    std::string rendered(const std::filesystem::path& folder) {
        const std::filesystem::path file = m_folder / "rendered.yaml";
        std::ofstream(file) << cluster->kubectl({"kustomize", folder.string()});
        return file.string();
    }
    test::Folder m_folder;
};

TEST_F(RealManifests, TheApiTakesEachFolderWithoutAWarning) {
    std::set<std::string> taken;
    const std::filesystem::path root = test::sourceFolder() / "k8s";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.path().filename() != "kustomization.yaml" ||
            test::valueOf(readFile(entry.path())).find("kind: Component") != std::string::npos)
            continue;
        const std::filesystem::path folder = entry.path().parent_path();
        SCOPED_TRACE(folder);
        cluster->kubectl({"apply", "--server-side", "--dry-run=server", "--validate=strict", "--warnings-as-errors",
                          "-n", "manifests", "-f", rendered(folder)});
        taken.insert(std::filesystem::relative(folder, root).string());
    }
    EXPECT_EQ(taken, (std::set<std::string>{"base", "shared", "overlays/httproute", "overlays/production",
                                            "overlays/replicas"}));
}

TEST_F(RealManifests, AnOverlayBecomesAModelWhoseReplicasAreReady) {
    for (const char* mode : {"ReadWriteMany", "ReadWriteOnce"})
        cluster->apply(fmt::format(R"(apiVersion: v1
kind: PersistentVolume
metadata: {{name: "volume-{0}"}}
spec:
  accessModes: [{1}]
  capacity: {{storage: 10Gi}}
  hostPath: {{path: /nowhere}}
)",
                                   std::string_view(mode) == "ReadWriteMany" ? "many" : "one", mode));
    const std::filesystem::path root = test::sourceFolder() / "k8s";
    for (const char* folder : {"shared", "overlays/replicas"})
        cluster->kubectl({"apply", "-n", "manifests", "-f", rendered(root / folder)});
    const RealClock clock;
    ClusterReader reader(cluster->session("admin", "manifests"), Reading::Watched, clock);
    std::vector<fleet::ModelFacts> models;
    EXPECT_TRUE(test::waitUntil(
        [&] {
            models = reader.read({}).facts.models;
            return models.size() == 1 && models[0].versions.size() == 1 && models[0].versions[0].replicas.ready == 10;
        },
        std::chrono::seconds(120)));
    ASSERT_EQ(models.size(), 1U);
    EXPECT_EQ(models[0].model.text(), "churn");
    EXPECT_EQ(models[0].route.stable, Version{1});
    EXPECT_EQ(models[0].versions[0].role, fleet::Role::Stable);
    cluster->kubectl({"wait", "--for=condition=Ready", "--timeout=50s", "-n", "manifests", "pod/perch-truth-0"});
}

} // namespace
} // namespace perch::kubernetes
