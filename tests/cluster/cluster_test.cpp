#include "core/kube/cluster_check.h"
#include "core/kube/watch.h"
#include "core/kube/watch_event.h"
#include "core/platforms/kubernetes/cluster_reader.h"
#include "tests/cluster/test_cluster.h"
#include "tests/e2e/installed_perch.h"
#include "tests/kube/kube_fixture.h"

#include <atomic>
#include <set>
#include <thread>

/// The client, and `perch cluster check`, on a real API server.
namespace perch::kube {
namespace {

using test::TestCluster;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RealCluster : public test::OnCluster<RealCluster> {
public:
    static TestCluster::Parts parts() { return {}; }
    static void prepare() {
        cluster->kubectl({"create", "namespace", "models"});
        cluster->kubectl({"apply", "-f", (test::sourceFolder() / "k8s/rbac").string()});
        for (const char* role : {"viewer", "operator"})
            cluster->kubectl({"create", "rolebinding", std::string("perch-") + role, "-n", "models",
                              std::string("--clusterrole=perch-") + role, "--user=operator"});
        cluster->kubectl(
            {"create", "rolebinding", "perch-reads", "-n", "models", "--clusterrole=perch-viewer", "--group=viewers"});
    }

protected:
    static test::PerchRun check(const std::string& user, const std::string& nameSpace) {
        test::InstalledPerch perch;
        return perch.run(
            {"cluster", "check", "--kubeconfig", cluster->kubeconfig(), "--context", user, "-n", nameSpace, "--json"});
    }
    static std::set<std::string> allowed(const test::PerchRun& run) {
        std::set<std::string> rights;
        const nlohmann::json document = run.document();
        for (const nlohmann::json& fact : document["access"]) {
            if (fact["allowed"] == true)
                rights.insert(fact["purpose"].get<std::string>() + " " + fact["right"].get<std::string>());
        }
        return rights;
    }
};

TEST_F(RealCluster, CheckTellsEachUserWhatTheyMay) {
    const test::PerchRun admin = check("admin", "models");
    EXPECT_EQ(admin.exitCode, 0) << admin.err;
    EXPECT_EQ(admin.document()["version"], "v1.34.10");
    EXPECT_EQ(admin.document()["identity"]["user"], "admin");
    EXPECT_THAT(admin.document()["identity"]["groups"], Contains("system:masters"));
    EXPECT_EQ(allowed(admin).size(), admin.document()["access"].size());

    const test::PerchRun viewer = check("viewer", "models");
    EXPECT_EQ(viewer.exitCode, 0) << viewer.err;
    EXPECT_THAT(allowed(viewer), Contains("see watch deployments.apps"));
    EXPECT_THAT(allowed(viewer), Contains("explain get pods/log"));
    EXPECT_THAT(allowed(viewer), Not(Contains(StartsWith("change"))));
    EXPECT_THAT(allowed(viewer), Not(Contains(StartsWith("traffic"))));
    EXPECT_EQ(check("viewer", "default").exitCode, 1);

    // The two roles hold everything but what is of the whole cluster, and nothing outside of their namespace.
    const test::PerchRun person = check("operator", "models");
    EXPECT_EQ(allowed(person).size() + 1, allowed(admin).size());
    EXPECT_THAT(allowed(person), Not(Contains("nodes list nodes")));
    EXPECT_TRUE(allowed(check("operator", "default")).empty());
    EXPECT_TRUE(allowed(check("nobody", "models")).empty());
}

TEST_F(RealCluster, CheckNamesWhatIsWrongWithTheSignIn) {
    KubeAccess access = cluster->access("viewer");
    access.user.token = Secret("wrong");
    ApiClient wrong = cluster->client(access);
    EXPECT_THAT(inspectCluster(wrong, "models"),
                test::failsWith(ErrorCode::Denied, HasSubstr("does not accept the sign-in")));
    access.cluster.authorityFile.clear();
    ApiClient unknown = cluster->client(access);
    EXPECT_THAT(inspectCluster(unknown, "models"), test::failsWith(ErrorCode::Denied, HasSubstr("not trusted")));
}

TEST_F(RealCluster, PluginsTokenFilesNamesAndImpersonationSignIn) {
    const auto userOf = [](const KubeAccess& access) {
        ApiClient client = cluster->client(access);
        return test::valueOf(whoAmI(client)).user;
    };
    KubeAccess access = cluster->access("admin");
    access.cluster.tlsServerName = "kubernetes";
    EXPECT_EQ(userOf(access), "admin");
    access.user.as = {.user = "anna", .groups = {"viewers"}};
    EXPECT_EQ(userOf(access), "anna");
    access.user = {};
    access.user.tokenFile = cluster->file("token-viewer");
    EXPECT_EQ(userOf(access), "viewer");
    access.user = {};
    access.user.exec = ExecEntry{
        .command = "/bin/sh",
        .arguments = {"-c", R"sh(printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)sh"
                            R"sh("status":{"token":"%s"}}' "$(cat "$TOKEN")")sh"},
        .environment = {{"TOKEN", cluster->file("token-operator").string()}},
        .apiVersion = "client.authentication.k8s.io/v1"};
    EXPECT_EQ(userOf(access), "operator");
}

TEST_F(RealCluster, SpeaksHttp2) {
    ApiClient client = cluster->client("admin");
    const http::Response answer = test::valueOf(client.exchange({.path = "/version"}, nullptr));
    // Names of fields are in lower case in HTTP/2 and are not in the server's HTTP/1.1.
    EXPECT_THAT(answer.headers, Contains(testing::Field(&http::Headers::value_type::first, "audit-id")));
}

TEST_F(RealCluster, ErrorsAreSentences) {
    ApiClient nobody = cluster->client("nobody"), admin = cluster->client("admin");
    const auto get = [](ApiClient& client, std::string path) { return client.send({.path = std::move(path)}); };
    EXPECT_THAT(
        get(nobody, pathOf(resources::kDeployments, "models")),
        test::failsWith(ErrorCode::Denied, R"("nobody" may not list deployments.apps in the namespace "models".)"));
    EXPECT_THAT(get(nobody, pathOf(resources::kNodes, "")),
                test::failsWith(ErrorCode::Denied, R"("nobody" may not list nodes in the whole cluster.)"));
    EXPECT_THAT(get(admin, pathOf(resources::kDeployments, "models", "none")),
                test::failsWith(ErrorCode::NotFound, R"(There is no deployments.apps "none".)"));
    EXPECT_THAT(get(admin, pathOf(resources::kRollouts, "models")),
                test::failsWith(ErrorCode::NotFound, HasSubstr("does not know rollouts.argoproj.io/v1alpha1")));
    const ApiRequest create{
        .method = "POST", .path = pathOf(resources::kConfigMaps, "models"), .body = R"({"metadata":{"name":"twice"}})"};
    EXPECT_TRUE(test::succeeded(admin.send(create)));
    EXPECT_THAT(admin.send(create), test::failsWith(ErrorCode::Conflict, HasSubstr("already exists")));
    EXPECT_THAT(admin.send({.method = "POST", .path = create.path, .body = R"({"metadata":{"name":"A b"}})"}),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("Invalid value")));
}

TEST_F(RealCluster, ListsInPagesAndWatchesOverARestart) {
    cluster->kubectl({"create", "namespace", "pages"});
    ApiClient client = cluster->client("admin");
    const auto create = [&](const std::string& name) {
        const nlohmann::json object = {{"metadata", {{"name", name}, {"labels", {{"kind", "page"}}}}}};
        EXPECT_TRUE(test::succeeded(
            client.send({.method = "POST", .path = pathOf(resources::kConfigMaps, "pages"), .body = object.dump()})));
    };
    for (int i = 0; i < 25; ++i)
        create(fmt::format("page-{}", i));
    const ObjectScope scope{.resource = resources::kConfigMaps, .nameSpace = "pages", .labels = "kind=page"};
    RecordingSink listed;
    const std::uint64_t before = client.session().rate().total();
    EXPECT_TRUE(test::succeeded(listObjects(client, scope, listed, {}, 7)));
    EXPECT_EQ(listed.notes().size(), 25U + 2U);
    EXPECT_EQ(client.session().rate().total() - before, 4U);

    RecordingSink sink;
    std::stop_source stop;
    ApiClient watching = cluster->client("admin");
    std::jthread thread([&] { watchObjects(watching, scope, sink, {}, stop.get_token()); });
    EXPECT_TRUE(test::waitUntil([&] { return sink.has("listed"); }));
    create("late");
    EXPECT_TRUE(test::waitUntil([&] { return sink.has("put late"); }));
    EXPECT_TRUE(
        test::succeeded(client.send({.method = "DELETE", .path = pathOf(resources::kConfigMaps, "pages", "page-0")})));
    EXPECT_TRUE(test::waitUntil([&] { return sink.has("removed page-0"); }));

    cluster->kill("kube-apiserver");
    EXPECT_TRUE(test::waitUntil([&] { return sink.has("failed unavailable"); }));
    EXPECT_TRUE(test::waitUntil([&] { return sink.has("recovered"); }, std::chrono::seconds(120)));
    create("after");
    EXPECT_TRUE(test::waitUntil([&] { return sink.has("put after"); }));
    stop.request_stop();
}

constexpr const char* kServedModel = R"(apiVersion: apps/v1
kind: Deployment
metadata: {name: churn, namespace: facts, labels: {perch.dev/model: churn}}
spec:
  replicas: 2
  selector: {matchLabels: {app: churn}}
  template:
    metadata: {labels: {app: churn, perch.dev/model: churn, perch.dev/version: v7}}
    spec: {containers: [{name: serve, image: "localhost/perch-server:test"}]}
)";

TEST_F(RealCluster, ADeploymentBecomesTheFactsOfItsModel) {
    cluster->kubectl({"create", "namespace", "facts"});
    cluster->apply(kServedModel);
    const RealClock clock;
    kubernetes::ClusterReader reader(cluster->session("admin", "facts"), kubernetes::Reading::Watched, clock);
    kubernetes::ClusterState state;
    const auto version = [&]() -> fleet::VersionFacts {
        state = reader.read({});
        const auto& models = state.facts.models;
        return models.empty() || models[0].versions.empty() ? fleet::VersionFacts() : models[0].versions[0];
    };
    const auto unscheduled = [&] {
        const auto items = version().replicas.items;
        return items.size() == 2 && std::ranges::all_of(items, [](const fleet::Replica& replica) {
                   return replica.reason.starts_with("No node takes it: no nodes available");
               });
    };
    EXPECT_TRUE(test::waitUntil(unscheduled, std::chrono::seconds(60)));
    EXPECT_TRUE(state.listed);
    EXPECT_EQ(state.problem, "");
    EXPECT_EQ(version().version, Version{7});
    EXPECT_EQ(version().role, fleet::Role::Stable);
    EXPECT_EQ(version().replicas.desired, 2U);
    EXPECT_EQ(version().replicas.ready, 0U);

    // What happens is followed, and said.
    std::atomic<int> changes = 0;
    reader.onChange([&] { ++changes; });
    const std::string pod = version().replicas.items[0].name;
    cluster->kubectl({"patch", "pod", pod, "-n", "facts", "--subresource=status", "-p",
                      R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})"});
    EXPECT_TRUE(test::waitUntil([&] { return version().replicas.ready == 1; }));
    EXPECT_GT(changes, 0);
    cluster->kubectl({"scale", "deployment/churn", "-n", "facts", "--replicas=3"});
    EXPECT_TRUE(test::waitUntil([&] { return version().replicas.items.size() == 3; }));

    // A server that is gone is said; what was known stays until it is back.
    cluster->kill("kube-apiserver");
    EXPECT_TRUE(test::waitUntil([&] { return version().version == Version{7} && !state.problem.empty(); }));
    EXPECT_TRUE(test::waitUntil([&] { return version().replicas.desired == 3 && state.problem.empty(); },
                                std::chrono::seconds(60)));
    cluster->kubectl({"scale", "deployment/churn", "-n", "facts", "--replicas=2"});
    EXPECT_TRUE(test::waitUntil([&] { return version().replicas.items.size() == 2; }));
}

TEST_F(RealCluster, TheVerbsShowACluster) {
    cluster->kubectl({"create", "namespace", "ml-production"});
    std::string document = kServedModel;
    for (std::size_t at = 0; (at = document.find("facts")) != std::string::npos;)
        document.replace(at, 5, "ml-production");
    cluster->apply(document);
    test::InstalledPerch perch;
    const auto run = [&](const std::string& user, std::vector<std::string> verb) {
        for (const char* option : {"--kubeconfig", "--context", "-n"})
            verb.emplace_back(option);
        verb.insert(verb.end() - 2, cluster->kubeconfig());
        verb.insert(verb.end() - 1, user);
        verb.emplace_back("ml-production");
        return perch.run(verb);
    };
    nlohmann::json status;
    EXPECT_TRUE(test::waitUntil([&] {
        const test::PerchRun listed = run("admin", {"status", "--json"});
        status = listed.document();
        return listed.exitCode == 0 && status["models"].size() == 1;
    }));
    EXPECT_EQ(status["platform"], "admin");
    EXPECT_EQ(status["namespace"], "ml-production");
    EXPECT_EQ(status["environment"], "production");
    EXPECT_EQ(status["sources"][0]["state"], "ok");
    EXPECT_EQ(status["sources"][1]["name"], "Prometheus");
    EXPECT_EQ(status["sources"][1]["state"], "down") << "none was named";
    EXPECT_EQ(status["models"][0]["backend"], "deployments");
    EXPECT_EQ(status["models"][0]["versions"][0]["version"], "v7");
    EXPECT_EQ(status["models"][0]["versions"][0]["quality"]["state"], "source_down");
    EXPECT_EQ(status["models"][0]["versions"][0]["quality"]["value"], nullptr);
    EXPECT_EQ(status["models"][0]["healthy"], false);

    const test::PerchRun refused = run("admin", {"rollout", "start", "churn", "--to", "v8", "--yes"});
    EXPECT_EQ(refused.exitCode, 2) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("The template of Deployment churn names v7 nowhere but in its label"));
    const nlohmann::json hidden = run("nobody", {"status", "--json"}).document();
    EXPECT_TRUE(hidden["models"].empty());
    EXPECT_EQ(hidden["sources"][0]["state"], "down");
    EXPECT_THAT(hidden["sources"][0]["message"].get<std::string>(), HasSubstr("\"nobody\" may not list"));
}

TEST_F(RealCluster, AVersionThatIsForgottenIsSaidToBe) {
    ApiClient client = cluster->client("admin");
    RecordingSink sink;
    std::optional<Error> said;
    WatchLines lines(std::size_t{1} << 20);
    const http::ByteSink bytes = [&](std::string_view piece) {
        return lines.feed(piece, [&](std::string_view line) -> Result<void> {
            const Result<std::string> version = takeWatchEvent(line, sink);
            if (!version)
                said = version.error();
            return {};
        });
    };
    const ApiRequest request{.path = pathOf(resources::kConfigMaps, "models"),
                             .query = {{"watch", "1"}, {"resourceVersion", "1"}, {"timeoutSeconds", "5"}}};
    const http::Response answer = test::valueOf(client.exchange(request, &bytes));
    if (answer.status == 410)
        said = client.errorOf(answer, request);
    ASSERT_TRUE(said.has_value());
    EXPECT_EQ(said->code, ErrorCode::Conflict);
    EXPECT_THAT(said->message, HasSubstr("too old"));
}

} // namespace
} // namespace perch::kube
