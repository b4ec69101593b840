#include "core/platforms/kubernetes/kube_source.h"
#include "tests/cluster/test_cluster.h"

#include <algorithm>

/// What becomes of Pods on nodes, as the facts say it.
namespace perch::kubernetes {
namespace {

using test::TestCluster;

class RealNodes : public test::OnCluster<RealNodes> {
public:
    static TestCluster::Parts parts() { return {.nodes = 2}; }
    static void prepare() { cluster->kubectl({"create", "namespace", "nodes"}); }

protected:
    void SetUp() override {
        OnCluster::SetUp();
        if (cluster)
            m_reader.emplace(cluster->session("admin", "nodes"), Reading::Watched, m_clock);
    }
    /// A Deployment of two Pods of an image, with its name as the model's.
    static void deploy(const std::string& model, const std::string& image) {
        cluster->apply(fmt::format(R"(apiVersion: apps/v1
kind: Deployment
metadata: {{name: {0}, namespace: nodes, labels: {{perch.dev/model: {0}}}}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: {0}}}}}
  template:
    metadata: {{labels: {{app: {0}, perch.dev/model: {0}, perch.dev/version: v7}}}}
    spec: {{containers: [{{name: serve, image: "localhost/perch-server:{1}"}}]}}
)",
                                   model, image));
    }
    /// The replicas of a model once each satisfies `wanted`.
    fleet::Replicas replicasOnce(const std::string& model, const std::function<bool(const fleet::Replica&)>& wanted) {
        fleet::Replicas replicas;
        EXPECT_TRUE(test::waitUntil(
            [&] {
                const ClusterState state = m_reader->read({});
                const auto found =
                    std::ranges::find(state.facts.models, model, [](const auto& facts) { return facts.model.text(); });
                if (found == state.facts.models.end() || found->versions.empty())
                    return false;
                replicas = found->versions[0].replicas;
                return replicas.items.size() == 2 && std::ranges::all_of(replicas.items, wanted);
            },
            std::chrono::seconds(60)));
        return replicas;
    }

    RealClock m_clock;
    std::optional<ClusterReader> m_reader;
};

TEST_F(RealNodes, PodsBecomeReadyCrashOrNeverBecomeReady) {
    using State = fleet::Replica::State;
    deploy("good", "test");
    deploy("crashing", "crash");
    deploy("waiting", "unready");
    EXPECT_EQ(replicasOnce("good", [](const auto& pod) { return pod.state == State::Ready; }).ready, 2U);
    const fleet::Replicas crashed =
        replicasOnce("crashing", [](const auto& pod) { return pod.state == State::Crashed && pod.restarts == 3; });
    EXPECT_EQ(crashed.ready, 0U);
    EXPECT_EQ(crashed.items.at(0).reason, "Container serve crashes again and again, it ended with code 2.");
    const fleet::Replicas waiting = replicasOnce(
        "waiting", [](const auto& pod) { return pod.reason == "Container serve runs and is not ready yet."; });
    EXPECT_EQ(waiting.ready, 0U);
    EXPECT_EQ(waiting.items.at(0).state, State::Starting);
}

TEST_F(RealNodes, ARestartReplacesEveryPod) {
    deploy("restarted", "test");
    const auto ready = [](const auto& pod) { return pod.state == fleet::Replica::State::Ready; };
    const std::string before = replicasOnce("restarted", ready).items.at(0).name;
    cluster->kubectl({"rollout", "restart", "deployment/restarted", "-n", "nodes"});
    replicasOnce("restarted", [&](const auto& pod) { return ready(pod) && pod.name != before; });
}

TEST_F(RealNodes, WhereNothingHappensTheSnapshotStaysTheSame) {
    deploy("calm", "test");
    replicasOnce("calm", [](const auto& pod) { return pod.state == fleet::Replica::State::Ready; });
    KubeSource source(cluster->session("admin", "nodes"), "", Reading::Watched, m_clock);
    // The controllers may still be writing.
    EXPECT_TRUE(test::waitUntil([&] { return source.read({}) == source.read({}); }, std::chrono::seconds(60)));
    const fleet::SnapshotPtr before = source.read({});
    cluster->kubectl({"scale", "deployment/calm", "-n", "nodes", "--replicas=3"});
    EXPECT_TRUE(test::waitUntil([&] {
        const fleet::SnapshotPtr now = source.read({});
        return now != before && now->find(test::valueOf(ModelName::parse("calm")))->versions[0].replicas.desired == 3;
    }));
    KubeSource once(cluster->session("admin", "nodes"), "", Reading::Once, m_clock);
    EXPECT_NE(once.read({}), once.read({}));
}

} // namespace
} // namespace perch::kubernetes
