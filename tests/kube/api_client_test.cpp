#include "core/kube/api_client.h"
#include "core/kube/cluster_check.h"
#include "tests/kube/kube_fixture.h"

#include <atomic>

namespace perch::kube {
namespace {

using test::AskedRequest;
using test::PlayedServer;
using test::Wire;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using ApiClientTest = KubeFixture;

void answerEmpty(const AskedRequest&, Wire& wire) {
    wire.answer(200, "{}");
}

TEST_F(ApiClientTest, SignsInAndImpersonates) {
    const PlayedServer server(m_authority.issueServer(), "", answerEmpty);
    KubeAccess access = accessTo(server);
    access.user.as = {.user = "deployer", .uid = "7", .groups = {"ops", "qa"}, .extra = {{"Scopes/x", {"a", "b"}}}};
    ApiClient client = this->client(access);
    EXPECT_TRUE(
        test::succeeded(client.send({.path = "/api/v1/pods", .query = {{"limit", "2"}, {"labelSelector", "a=b c"}}})));
    const AskedRequest asked = server.asked().at(0);
    EXPECT_EQ(asked.target, "/api/v1/pods?limit=2&labelSelector=a%3Db%20c");
    EXPECT_EQ(asked.header("Authorization"), "Bearer hush-hush");
    EXPECT_EQ(asked.header("Impersonate-User"), "deployer");
    EXPECT_EQ(asked.header("Impersonate-Uid"), "7");
    EXPECT_EQ(asked.header("Impersonate-Extra-scopes%2Fx"), "a");
    EXPECT_EQ(std::ranges::count(asked.headers, "Impersonate-Group", &http::Headers::value_type::first), 2);
    EXPECT_EQ(client.session().rate().total(), 1U);
}

TEST_F(ApiClientTest, SendsNoSecretWithoutTls) {
    const PlayedServer server(answerEmpty);
    ApiClient client = clientOf(server);
    EXPECT_TRUE(test::succeeded(client.send({.path = "/version"})));
    EXPECT_EQ(server.asked().at(0).header("Authorization"), "");
}

TEST_F(ApiClientTest, AnExpiredTokenIsFetchedAnewOnce) {
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest& request, Wire& wire) {
        const bool fresh = request.header("Authorization") == "Bearer token-2";
        wire.answer(fresh ? 200 : 401, fresh ? R"({"ok":true})" : statusText(401, "Unauthorized", "Unauthorized"));
    });
    script("login", fmt::format(R"(n=$(($(cat {0} 2>/dev/null || echo 0) + 1)); echo $n > {0}
echo '{{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{{"token":"token-'$n'"}}}}'
)",
                                (m_folder / "runs").string()));
    KubeAccess access = accessTo(server);
    access.user.token = Secret();
    access.user.exec = ExecEntry{.command = "login", .apiVersion = "client.authentication.k8s.io/v1"};
    ApiClient client = this->client(access);
    EXPECT_EQ(test::valueOf(client.send({.path = "/version"}))["ok"], true);
    EXPECT_EQ(test::valueOf(client.send({.path = "/version"}))["ok"], true);
    EXPECT_EQ(server.asked().size(), 3U);
}

TEST_F(ApiClientTest, ATokenThatIsNotAcceptedIsNotTriedAgain) {
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest&, Wire& wire) {
        wire.answer(401, statusText(401, "Unauthorized", "Unauthorized"));
    });
    ApiClient client = clientOf(server);
    EXPECT_THAT(client.send({.path = "/version"}),
                test::failsWith(ErrorCode::Denied,
                                AllOf(HasSubstr(server.peer()), HasSubstr("\"shop\""), Not(HasSubstr("hush")))));
    EXPECT_EQ(server.asked().size(), 1U);
}

TEST_F(ApiClientTest, ShowsTheCertificateOfAPlugin) {
    const PlayedServer server(m_authority.issueServer(), m_authority.certificate(), answerEmpty);
    const test::KeyPair anna = m_authority.issue("anna");
    const nlohmann::json printed = {
        {"kind", "ExecCredential"},
        {"apiVersion", "client.authentication.k8s.io/v1"},
        {"status", {{"clientCertificateData", anna.certificate}, {"clientKeyData", anna.key}}}};
    ASSERT_TRUE(writeFileAtomically(m_folder / "printed", printed.dump()));
    script("login", "cat " + (m_folder / "printed").string() + "\n");
    KubeAccess access = accessTo(server);
    access.user = {};
    access.user.exec = ExecEntry{.command = "login", .apiVersion = "client.authentication.k8s.io/v1"};
    ApiClient client = this->client(access);
    EXPECT_TRUE(test::succeeded(client.send({.path = "/version"})));
    EXPECT_TRUE(test::succeeded(client.send({.path = "/version"})));
    EXPECT_EQ(server.asked().at(1).clientName, "anna");
    EXPECT_EQ(server.asked().at(1).header("Authorization"), "");
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(ApiClientTest, WaitsAsLongAsABusyServerSays) {
    std::atomic<int> asked = 0;
    const PlayedServer server(m_authority.issueServer(), "", [&](const AskedRequest&, Wire& wire) {
        if (++asked < 3)
            wire.answer(429, "busy", "Retry-After: 0.01");
        else
            wire.answer(200, "{}");
    });
    ApiClient client = clientOf(server);
    EXPECT_TRUE(test::succeeded(client.send({.path = "/version"})));
    EXPECT_EQ(client.session().rate().total(), 3U);
}

TEST_F(ApiClientTest, ABusyServerThatSaysAtOnceIsNotAskedInABusyLoop) {
    const PlayedServer server(m_authority.issueServer(), "",
                              [&](const AskedRequest&, Wire& wire) { wire.answer(429, "busy", "Retry-After: 0"); });
    ApiClient client(
        test::valueOf(ApiSession::open(accessTo(server), {.longestBusy = std::chrono::milliseconds(150)}, m_clock)));
    EXPECT_THAT(client.send({.path = "/version"}), test::failsWith(ErrorCode::Unavailable, HasSubstr("429")));
    EXPECT_EQ(server.asked().size(), 5U); // after 10, 20, 40 and 80 ms
}

TEST_F(ApiClientTest, ABusyServerMayNotAskForTooMuch) {
    const PlayedServer server(m_authority.issueServer(), "", [&](const AskedRequest&, Wire& wire) {
        wire.answer(429, statusText(429, "TooManyRequests", "slow down"), "Retry-After: 61");
    });
    ApiClient client = clientOf(server);
    EXPECT_THAT(client.send({.path = "/version"}), test::failsWith(ErrorCode::Unavailable, HasSubstr("slow down")));
    EXPECT_EQ(server.asked().size(), 1U);
}

TEST_F(ApiClientTest, AnAnswerThatIsNoDocumentIsAnError) {
    const PlayedServer server(m_authority.issueServer(), "", [&](const AskedRequest& request, Wire& wire) {
        if (request.target == "/cut") {
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
            return wire.cut();
        }
        wire.answer(200, "<html>");
    });
    ApiClient client = clientOf(server);
    EXPECT_THAT(client.send({.path = "/version"}), test::failsWith(ErrorCode::InvalidInput, HasSubstr("/version")));
    EXPECT_THAT(client.send({.path = "/cut"}), test::failsWith(ErrorCode::Unavailable, HasSubstr(server.peer())));
}

TEST_F(ApiClientTest, AddressesAreReadAsKubectlReadsThem) {
    const auto serverOf = [&](std::string server, std::string authority) {
        KubeAccess access{.context = "shop"};
        access.cluster.server = std::move(server);
        access.cluster.authority = std::move(authority);
        return client(access).session().server();
    };
    EXPECT_EQ(serverOf("https://10.0.0.1:6443/k8s/", ""), "https://10.0.0.1:6443/k8s");
    EXPECT_EQ(serverOf("10.0.0.1:6443", ""), "http://10.0.0.1:6443");
    EXPECT_EQ(serverOf("10.0.0.1:6443", "CA"), "https://10.0.0.1:6443");
    KubeAccess wrong{.context = "shop"};
    wrong.cluster.server = "ftp://x";
    EXPECT_THAT(ApiSession::open(wrong, {}, m_clock), test::failsWith(ErrorCode::InvalidInput, HasSubstr("ftp://x")));
}

TEST_F(ApiClientTest, AProxyOfTheKubeconfigGoesBeforeThatOfTheEnvironment) {
    KubeAccess access{.context = "shop"};
    access.cluster.server = "https://10.0.0.1:6443";
    const ApiOptions environment{.proxy = "http://p:1", .noProxy = "10.0.0.0/8"};
    const auto options = [&] {
        return test::valueOf(ApiSession::open(access, environment, m_clock))->clientOptions({});
    };
    EXPECT_EQ(options().proxy, "http://p:1");
    EXPECT_EQ(options().noProxy, "localhost,127.0.0.0/8,::1,10.0.0.0/8");
    access.cluster.proxyUrl = "socks5://q:2";
    EXPECT_EQ(options().proxy, "socks5h://q:2");
    EXPECT_EQ(options().noProxy, "");
}

/// Answers as a server on which anna may read and nothing else.
void playReader(const AskedRequest& request, Wire& wire) {
    if (request.target == "/version")
        return void(wire.answer(200, R"({"gitVersion":"v1.34.10"})"));
    if (request.target.find("selfsubjectreviews") != std::string::npos)
        return void(wire.answer(201, R"({"status":{"userInfo":{"username":"anna","groups":["ops"]}}})"));
    const auto attributes = nlohmann::json::parse(request.body)["spec"]["resourceAttributes"];
    const bool reads = attributes["verb"] != "patch" && attributes["verb"] != "create" &&
                       attributes["verb"] != "update" && attributes["resource"] != "nodes";
    wire.answer(201, nlohmann::json{{"status", {{"allowed", reads}}}}.dump());
}

TEST_F(ApiClientTest, AClusterSaysWhoWeAreAndWhatWeMay) {
    const PlayedServer server(m_authority.issueServer(), "", playReader);
    ApiClient client = clientOf(server);
    const ClusterCheck check = test::valueOf(inspectCluster(client, "models"));
    EXPECT_EQ(check.version, "v1.34.10");
    EXPECT_EQ(check.identity->user, "anna");
    EXPECT_TRUE(check.allowed(AccessPurpose::See));
    EXPECT_TRUE(check.allowed(AccessPurpose::Explain));
    EXPECT_FALSE(check.allowed(AccessPurpose::Nodes));
    EXPECT_FALSE(check.allowed(AccessPurpose::Change));
    EXPECT_EQ(check.requests, check.access.size() + 2);
    for (const AskedRequest& request : server.asked()) {
        const bool right = request.body.find("resourceAttributes") != std::string::npos;
        const bool nodes = request.body.find("\"nodes\"") != std::string::npos;
        EXPECT_EQ(request.body.find("\"namespace\":\"models\"") != std::string::npos, right && !nodes);
    }
}

TEST_F(ApiClientTest, AnOldServerDoesNotSayWhoWeAre) {
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest& request, Wire& wire) {
        if (request.target.find("selfsubjectreviews") != std::string::npos)
            return void(wire.answer(404, "404 page not found"));
        playReader(request, wire);
    });
    ApiClient client = clientOf(server);
    EXPECT_FALSE(test::valueOf(inspectCluster(client, "models")).identity.has_value());
}

} // namespace
} // namespace perch::kube
