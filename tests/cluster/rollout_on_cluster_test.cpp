#include "core/platforms/kubernetes/kube_platform.h"
#include "core/platforms/kubernetes/lease_lock.h"
#include "core/rollout/record_json.h"
#include "tests/cluster/test_cluster.h"
#include "tests/e2e/installed_perch.h"

#include <csignal>

/// Rollouts on a real API server with its own controllers: from the command line, as the user `operator`, who has the
/// roles of k8s/rbac. The nodes are kwok's.
namespace perch::kubernetes {
namespace {

using nlohmann::json;
using test::failsWith;
using test::valueOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kModel = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: churn, namespace: NAMESPACE, labels: {perch.dev/model: churn}}
spec:
  replicas: 4
  selector: {matchLabels: {app: churn}}
  template:
    metadata: {labels: {app: churn, perch.dev/model: churn, perch.dev/version: v1}}
    spec: {containers: [{name: serve, image: "localhost/churn:v1"}]}
)";

constexpr const char* kRoute = R"(---
apiVersion: v1
kind: Service
metadata: {name: churn, namespace: NAMESPACE}
spec: {selector: {app: churn}, ports: [{name: predict, port: 80, targetPort: 8080}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: churn, namespace: NAMESPACE}
spec:
  parentRefs: [{name: models}]
  rules: [{backendRefs: [{name: churn, port: 80}]}]
)";

class RolloutOnCluster : public test::OnCluster<RolloutOnCluster> {
public:
    static test::TestCluster::Parts parts() { return {.nodes = 2, .gateway = test::TestCluster::Gateway::Yes}; }
    static void prepare() { cluster->kubectl({"apply", "-f", (test::sourceFolder() / "k8s/rbac").string()}); }

protected:
    /// A namespace of its own with the model churn: v1 on four replicas that are ready.
    void start(const std::string& nameSpace, const std::string& document = kModel) {
        m_nameSpace = nameSpace;
        cluster->kubectl({"create", "namespace", nameSpace});
        for (const char* role : {"viewer", "operator"})
            cluster->kubectl({"create", "rolebinding", std::string("perch-") + role, "-n", nameSpace,
                              std::string("--clusterrole=perch-") + role, "--user=operator"});
        cluster->kubectl(
            {"create", "rolebinding", "perch-reads", "-n", nameSpace, "--clusterrole=perch-viewer", "--user=viewer"});
        std::string text = document;
        for (std::size_t at = 0; (at = text.find("NAMESPACE")) != std::string::npos;)
            text.replace(at, 9, nameSpace);
        cluster->apply(text);
        ASSERT_TRUE(test::waitUntil([&] { return field("deployment/churn", ".status.readyReplicas") == "4"; },
                                    std::chrono::seconds(90)));
    }
    /// The Pods of the model's next template, and of every copy of it, never get ready.
    void makeUnready() {
        cluster->kubectl({"patch", "deployment/churn", "-n", m_nameSpace, "-p",
                          R"({"spec":{"template":{"spec":{"containers":[{"name":"serve",
                              "image":"localhost/perch-server:unready","env":[{"name":"VERSION","value":"v1"}]}]}}}})"});
        ASSERT_TRUE(test::waitUntil([&] { return field("deployment/churn", ".status.unavailableReplicas") != ""; },
                                    std::chrono::seconds(60)));
    }
    /// Until `perch` has made the Deployment of v2.
    bool awaitCopy() const {
        const auto there = [&] {
            const std::string names = cluster->kubectl({"get", "deployments", "-n", m_nameSpace, "-o", "name"});
            return names.find("churn-v2") != std::string::npos;
        };
        return test::waitUntil(there, std::chrono::seconds(60));
    }
    std::vector<std::string> words(std::vector<std::string> verb, const std::string& user = "operator") const {
        verb.insert(verb.end(),
                    {"--kubeconfig", cluster->kubeconfig().string(), "--context", user, "-n", m_nameSpace, "--json"});
        return verb;
    }
    test::PerchRun run(const std::vector<std::string>& verb, const std::string& user = "operator") {
        return m_perch.run(words(verb, user));
    }
    json must(const std::vector<std::string>& verb) {
        const test::PerchRun done = run(verb);
        EXPECT_EQ(done.exitCode, 0) << testing::PrintToString(verb) << "\n" << done.out << done.err;
        return done.document();
    }
    std::string field(const std::string& object, const std::string& path) const {
        return cluster->kubectl({"get", object, "-n", m_nameSpace, "-o", "jsonpath={" + path + "}"});
    }
    /// `3 stable` of a Deployment: what it wants, and its label.
    std::string state(const std::string& deployment) const {
        return field("deployment/" + deployment, ".spec.replicas") + " " +
               field("deployment/" + deployment, ".metadata.labels.perch\\.dev/role");
    }
    std::string phase() { return must({"rollout", "status", "churn"})["phase"].get<std::string>(); }
    json record() const {
        return valueOf(parseJson(field("configmap/perch-rollout-churn", ".data.record"), "the record"));
    }
    std::vector<std::string> auditResults() {
        std::vector<std::string> results;
        const json document = must({"audit", "show"});
        for (const json& one : document["records"])
            results.push_back(one["action"].get<std::string>() + " " + one["result"].get<std::string>());
        return results;
    }

    test::InstalledPerch m_perch;
    std::string m_nameSpace;
};

TEST_F(RolloutOnCluster, ACanaryGoesByReplicasFromStartToRollback) {
    start("by-replicas");
    const json plan = must({"rollout", "plan", "start", "churn", "--to", "v2", "--weight", "25"});
    EXPECT_EQ(plan["checks"]["dry_run"]["state"], "pass") << plan["checks"].dump(1);
    EXPECT_THAT(plan["steps"][1]["changes"], Contains("serve image: localhost/churn:v1 -> localhost/churn:v2"));
    EXPECT_EQ(cluster->kubectl({"get", "deployments,configmaps,leases", "-n", m_nameSpace, "-l",
                                "app.kubernetes.io/managed-by=perch", "-o", "name"}),
              "")
        << "a plan changes nothing";

    const json begun = must({"rollout", "start", "churn", "--to", "v2", "--weight", "25", "--yes"});
    EXPECT_EQ(begun["result"], "done");
    EXPECT_EQ(state("churn"), "3 ");
    EXPECT_EQ(state("churn-v2"), "1 canary");
    EXPECT_EQ(field("deployment/churn-v2", ".spec.template.spec.containers[0].image"), "localhost/churn:v2");
    EXPECT_EQ(phase(), "stepping");
    EXPECT_EQ(record()["replicas"], 4);
    EXPECT_EQ(record()["audit_head"], begun["audit"]["hash"]);
    EXPECT_EQ(field("lease/perch-churn", ".spec.holderIdentity"), "") << "the Lease was given back";

    must({"rollout", "set-weight", "churn", "50", "--yes"});
    EXPECT_EQ(state("churn"), "2 ");
    EXPECT_EQ(state("churn-v2"), "2 canary");
    must({"rollout", "promote", "churn", "--full", "--yes"});
    EXPECT_EQ(state("churn"), "0 retired");
    EXPECT_EQ(state("churn-v2"), "4 stable");
    EXPECT_EQ(phase(), "done");
    const json status = must({"status", "churn"})["models"][0];
    EXPECT_EQ(status["versions"][0]["version"], "v2");
    EXPECT_EQ(status["versions"][0]["ready"], 4);

    must({"rollout", "rollback", "churn", "--yes", "--reason", "a test"});
    EXPECT_EQ(state("churn"), "4 stable");
    EXPECT_EQ(state("churn-v2"), "0 retired");
    EXPECT_EQ(phase(), "rolled_back");
    must({"rollout", "start", "churn", "--to", "v2", "--weight", "10", "--yes"});
    EXPECT_EQ(state("churn"), "4 stable") << "one replica more is nearer to 10 % than one of four";
    EXPECT_EQ(state("churn-v2"), "1 canary");
    must({"rollout", "abort", "churn", "--yes"});
    EXPECT_EQ(state("churn"), "4 stable");
    EXPECT_EQ(state("churn-v2"), "0 retired");
    EXPECT_EQ(phase(), "aborted");

    EXPECT_THAT(auditResults(), ElementsAre("start done", "set_weight done", "promote_fully done", "roll_back done",
                                            "start done", "abort done"));
    EXPECT_EQ(must({"audit", "verify"})["ok"], true);
}

TEST_F(RolloutOnCluster, WhatSomebodyElseChangesIsAConflictAndStays) {
    start("conflict");
    const RealClock clock;
    test::Folder folder;
    const Workspace workspace = valueOf(Workspace::open(folder / "w"));
    const auto platform = valueOf(
        KubePlatform::open(cluster->session("operator", m_nameSpace), "", Reading::Once, workspace, clock, "ann@host"));
    rollout::Intent intent{.action = rollout::Action::Start,
                           .model = valueOf(ModelName::parse("churn")),
                           .to = Version{2},
                           .weight = Percent::fromBasisPoints(2'500),
                           .actor = {"ann@host", "test"}};
    const rollout::Plan plan = valueOf(platform->operations().plan(intent));
    EXPECT_FALSE(plan.blocked()) << plan.dryRun.detail;
    cluster->kubectl({"scale", "deployment/churn", "-n", m_nameSpace, "--replicas=5"});
    EXPECT_THAT(
        platform->operations().execute(plan, {}),
        failsWith(ErrorCode::Conflict, HasSubstr(R"(Deployment/churn replicas is "5" now, the plan says "4")")));
    EXPECT_EQ(field("deployment/churn", ".spec.replicas"), "5");
    EXPECT_EQ(record()["failure"].get<std::string>().substr(0, 16), "Deployment/churn");
    // It goes on from what is there: an abort stops the canary, stable keeps what somebody gave it.
    intent.action = rollout::Action::Abort;
    const rollout::Plan abort = valueOf(platform->operations().plan(intent));
    EXPECT_TRUE(test::succeeded(platform->operations().execute(abort, {})));
    EXPECT_EQ(state("churn-v2"), "0 retired");
    EXPECT_EQ(state("churn"), "5 ");

    // A plan whose Deployment was made anew meanwhile is for another one.
    intent.action = rollout::Action::Start;
    const rollout::Plan second = valueOf(platform->operations().plan(intent));
    cluster->kubectl({"delete", "deployment/churn-v2", "-n", m_nameSpace});
    EXPECT_THAT(platform->operations().execute(second, {}), failsWith(ErrorCode::Conflict, HasSubstr("it is gone")));
}

TEST_F(RolloutOnCluster, WhatAKilledExecutorLeftIsUndone) {
    start("killed");
    makeUnready();
    const pid_t first = m_perch.spawn(words({"rollout", "start", "churn", "--to", "v2", "--weight", "25", "--yes"}));
    ASSERT_TRUE(awaitCopy());
    EXPECT_THAT(field("lease/perch-churn", ".spec.holderIdentity"), HasSubstr("(perch)"));
    ::kill(first, SIGKILL);
    EXPECT_EQ(m_perch.wait(first).exitCode, -1);

    // The same workspace need not wait for the Lease to run out. Stable had not been touched: what was begun is undone.
    const test::PerchRun again = run({"rollout", "resume", "churn", "--yes"});
    EXPECT_THAT(again.err, HasSubstr("was interrupted and has been undone"));
    EXPECT_EQ(state("churn-v2").substr(0, 1), "0");
    EXPECT_EQ(state("churn").substr(0, 1), "4");
    EXPECT_EQ(phase(), "idle");
    EXPECT_THAT(auditResults(), ElementsAre("start undone_after_crash"));
}

TEST_F(RolloutOnCluster, AnAbortTakesTheLeaseOver) {
    start("takeover");
    makeUnready();
    const pid_t first = m_perch.spawn(words({"rollout", "start", "churn", "--to", "v2", "--weight", "25", "--yes"}));
    ASSERT_TRUE(awaitCopy());
    test::InstalledPerch other;
    const test::PerchRun abort = other.run(words({"rollout", "abort", "churn", "--yes"}));
    EXPECT_EQ(abort.exitCode, 0) << abort.out << abort.err;
    const test::PerchRun ended = m_perch.wait(first);
    EXPECT_EQ(ended.exitCode, 4);
    EXPECT_THAT(ended.document()["error"]["message"].get<std::string>(), HasSubstr("took over churn"));
    EXPECT_EQ(state("churn-v2"), "0 retired");
    EXPECT_EQ(state("churn").substr(0, 1), "4");
    EXPECT_EQ(phase(), "aborted");
}

TEST_F(RolloutOnCluster, ALeaseKeepsActorsApartUntilItRunsOut) {
    start("lease");
    const RealClock clock;
    test::Folder here, there;
    const ModelName model = valueOf(ModelName::parse("churn"));
    LeaseLocks ann(cluster->session("operator", m_nameSpace), here.path(), "aaa", clock);
    LeaseLocks bob(cluster->session("operator", m_nameSpace), there.path(), "bbb", clock);
    auto first = valueOf(ann.acquire(model, {"ann@here", "perch"}, 41, rollout::Takeover::No, {}));
    EXPECT_EQ(first->fence(), 42U);
    EXPECT_EQ(field("lease/perch-churn", ".spec.leaseTransitions"), "42");
    EXPECT_THAT(field("lease/perch-churn", ".spec.renewTime"), testing::MatchesRegex("....-..-..T..:..:..\\.......Z"));
    EXPECT_TRUE(test::succeeded(first->confirm()));
    EXPECT_THAT(bob.acquire(model, {"bob@there", "perch"}, 0, rollout::Takeover::No, {}),
                failsWith(ErrorCode::Conflict, "ann@here (perch) acts on churn at this moment."))
        << "it is renewed";
    auto second = valueOf(bob.acquire(model, {"bob@there", "perch"}, 0, rollout::Takeover::Yes, {}));
    EXPECT_EQ(second->fence(), 43U);
    EXPECT_THAT(first->confirm(),
                failsWith(ErrorCode::Conflict, "bob@there (perch) took over churn: nothing further was written."));
    first.reset();
    EXPECT_TRUE(test::succeeded(second->confirm())) << "who was taken over gives nothing back";
    second.reset();
    EXPECT_EQ(field("lease/perch-churn", ".spec.holderIdentity"), "");

    // Whose holder died: its time is ours, whatever its clock said.
    cluster->kubectl({"patch", "lease/perch-churn", "-n", m_nameSpace, "--type=merge", "-p",
                      R"({"spec":{"holderIdentity":"eve@gone (perch) ccc","leaseDurationSeconds":1,
                          "renewTime":"2099-01-01T00:00:00.000000Z"}})"});
    EXPECT_EQ(valueOf(ann.acquire(model, {"ann@here", "perch"}, 0, rollout::Takeover::No, {}))->fence(), 44U);
}

TEST_F(RolloutOnCluster, AnHttpRouteIsSetByItsWeights) {
    start("by-route", std::string(kModel) + kRoute);
    const auto weights = [&] { return field("httproute/churn", ".spec.rules[0].backendRefs[*].weight"); };
    must({"rollout", "start", "churn", "--to", "v2", "--weight", "10", "--yes"});
    EXPECT_EQ(weights(), "90 10");
    EXPECT_EQ(field("httproute/churn", ".spec.rules[0].backendRefs[*].name"), "churn churn-v2");
    EXPECT_EQ(field("service/churn", ".spec.selector"), R"({"app":"churn","perch.dev/version":"v1"})");
    EXPECT_EQ(field("service/churn-v2", ".spec.selector"), R"({"app":"churn","perch.dev/version":"v2"})");
    EXPECT_EQ(field("service/churn-v2", ".spec.ports[0].targetPort"), "8080");
    EXPECT_EQ(state("churn"), "4 ") << "a router needs no ratio";
    EXPECT_EQ(state("churn-v2"), "1 canary");
    EXPECT_EQ(phase(), "stepping");
    must({"rollout", "set-weight", "churn", "50", "--yes"});
    EXPECT_EQ(weights(), "50 50");
    EXPECT_EQ(state("churn-v2"), "2 canary");
    must({"rollout", "promote", "churn", "--full", "--yes"});
    EXPECT_EQ(weights(), "0 100");
    EXPECT_EQ(state("churn-v2"), "4 stable");
    EXPECT_EQ(state("churn"), "1 retired") << "one replica waits for a rollback";
    EXPECT_EQ(phase(), "done");
    must({"rollout", "rollback", "churn", "--yes"});
    EXPECT_EQ(weights(), "100 0");
    EXPECT_EQ(state("churn"), "4 stable");
    EXPECT_EQ(state("churn-v2"), "0 retired");
    must({"rollout", "start", "churn", "--to", "v2", "--weight", "12.5", "--yes"});
    EXPECT_EQ(weights(), "8750 1250");
    must({"rollout", "abort", "churn", "--yes"});
    EXPECT_EQ(weights(), "100 0");
    EXPECT_EQ(phase(), "aborted");
    const json status = must({"status", "churn"})["models"][0];
    EXPECT_EQ(status["backend"], "httproute");
    EXPECT_THAT(auditResults(), ElementsAre("start done", "set_weight done", "promote_fully done", "roll_back done",
                                            "start done", "abort done"));
}

TEST_F(RolloutOnCluster, WhoMayNotIsToldWhichRightIsMissing) {
    start("viewing");
    const test::PerchRun refused = run({"rollout", "start", "churn", "--to", "v2", "--yes"}, "viewer");
    EXPECT_EQ(refused.exitCode, 4) << refused.out << refused.err;
    EXPECT_THAT(refused.document()["error"]["message"].get<std::string>(),
                HasSubstr("This sign-in may not patch deployments.apps in the namespace viewing"));
    EXPECT_EQ(run({"status", "churn"}, "viewer").exitCode, 0);
}

TEST_F(RolloutOnCluster, AWaitThatEndsNamesThePodThatDoesNotServe) {
    start("waits");
    const RealClock clock;
    KubeBackend backend(cluster->session("operator", m_nameSpace), clock);
    makeUnready();
    const rollout::Step step{.object = "Deployment/churn", .field = "replicas", .before = "3", .after = "4"};
    EXPECT_TRUE(test::waitUntil(
        [&] {
            const Result<void> waited = backend.awaitEffect(step, {}, clock.steadyNow());
            return !waited && waited.error().code == ErrorCode::Timeout &&
                   waited.error().message.find(" of 4 replicas of Deployment/churn are ready. churn-") !=
                       std::string::npos;
        },
        std::chrono::seconds(60)));
}

} // namespace
} // namespace perch::kubernetes
