#include "core/kube/credentials.h"
#include "core/kube/kube_time.h"
#include "tests/kube/kube_fixture.h"

#include <thread>

namespace perch::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CredentialsTest : public KubeFixture {
protected:
    static constexpr const char* kVersion = "client.authentication.k8s.io/v1";

    /// A plugin that counts its runs in the token: `token-1`, `token-2`...
    KubeAccess withPlugin(std::string_view expires = "") {
        const std::string status =
            fmt::format(R"({{"token":"token-$n"{}}})",
                        expires.empty() ? "" : fmt::format(R"(,"expirationTimestamp":"{}")", expires));
        script("login", fmt::format(R"(n=$(($(cat {0} 2>/dev/null || echo 0) + 1)); echo $n > {0}
cat <<END
{{"kind":"ExecCredential","apiVersion":"{1}","status":{2}}}
END
)",
                                    (m_folder / "runs").string(), kVersion, status));
        return pluginAccess("login");
    }
    static KubeAccess pluginAccess(std::string command) {
        KubeAccess access{.context = "shop"};
        access.user.exec = ExecEntry{.command = std::move(command), .apiVersion = kVersion};
        return access;
    }
    Credentials credentials(KubeAccess access) {
        return Credentials(std::move(access), m_folder.path().string() + ":/usr/bin:/bin", Program::Terminal::No,
                           m_clock);
    }
    std::string inHours(int hours) const { return toIso8601(m_clock.now() + std::chrono::hours(hours)); }
};

std::string authorizationOf(Credentials& credentials) {
    return test::valueOf(credentials.current({})).authorization.reveal();
}

TEST_F(CredentialsTest, ATokenFileIsReadAgainAndGoesFirst) {
    KubeAccess access = pluginAccess("none");
    access.user.token = Secret("fixed");
    access.user.tokenFile = m_folder / "token";
    Credentials credentials = this->credentials(access);
    ASSERT_TRUE(writeFileAtomically(m_folder / "token", "first\n"));
    EXPECT_EQ(authorizationOf(credentials), "Bearer first");
    ASSERT_TRUE(writeFileAtomically(m_folder / "token", "second\n"));
    EXPECT_EQ(authorizationOf(credentials), "Bearer second");
    std::filesystem::remove(m_folder / "token");
    EXPECT_THAT(credentials.current({}), test::failsWith(ErrorCode::NotFound, HasSubstr("token")));
    access.user.tokenFile.clear();
    Credentials fixed = this->credentials(access);
    EXPECT_EQ(authorizationOf(fixed), "Bearer fixed"); // and the plugin does not run
}

TEST_F(CredentialsTest, APasswordIsBasicAuthentication) {
    KubeAccess access{.context = "shop"};
    access.user.name = "anna";
    access.user.password = Secret("geheim");
    Credentials credentials = this->credentials(access);
    EXPECT_EQ(authorizationOf(credentials), "Basic YW5uYTpnZWhlaW0=");
}

TEST_F(CredentialsTest, APluginRunsOnceUntilItsAnswerExpires) {
    Credentials credentials = this->credentials(withPlugin(inHours(2)));
    EXPECT_EQ(authorizationOf(credentials), "Bearer token-1");
    m_clock.advance(std::chrono::hours(1));
    EXPECT_EQ(authorizationOf(credentials), "Bearer token-1");
    m_clock.advance(std::chrono::hours(1));
    EXPECT_EQ(authorizationOf(credentials), "Bearer token-2");
}

TEST_F(CredentialsTest, ARefusedAnswerIsFetchedAnewOnce) {
    Credentials credentials = this->credentials(withPlugin());
    const SignIn first = test::valueOf(credentials.current({}));
    EXPECT_TRUE(credentials.refused(first));
    EXPECT_EQ(authorizationOf(credentials), "Bearer token-2");
    EXPECT_TRUE(credentials.refused(first)); // another request's late refusal of the first
    EXPECT_EQ(authorizationOf(credentials), "Bearer token-2");
    EXPECT_FALSE(credentials.refused(SignIn())); // no plugin, no other answer
}

TEST_F(CredentialsTest, WatchesThatBeginTogetherShareOneRun) {
    Credentials credentials = this->credentials(withPlugin());
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { EXPECT_EQ(authorizationOf(credentials), "Bearer token-1"); });
    }
    EXPECT_EQ(test::valueOf(readFile(m_folder / "runs")), "1\n");
}

TEST_F(CredentialsTest, APluginIsToldItsClusterAndItsEnvironment) {
    script("login", "printf '%s' \"$KUBERNETES_EXEC_INFO\" > \"$OUT\"; echo \"$1 $REGION\" >&2; exit 3\n");
    KubeAccess access = pluginAccess("login");
    access.cluster.server = "https://10.0.0.1";
    access.cluster.authority = "CA";
    access.user.exec->provideClusterInfo = true;
    access.user.exec->arguments = {"--quiet"};
    access.user.exec->environment = {{"OUT", (m_folder / "info").string()}, {"REGION", "eu"}};
    Credentials credentials = this->credentials(access);
    EXPECT_THAT(credentials.current({}),
                test::failsWith(ErrorCode::Denied, "The plugin login failed with exit code 3: --quiet eu."));
    const auto info = nlohmann::json::parse(test::valueOf(readFile(m_folder / "info")));
    EXPECT_EQ(info["apiVersion"], kVersion);
    EXPECT_EQ(info["spec"]["interactive"], false);
    EXPECT_EQ(info["spec"]["cluster"]["server"], "https://10.0.0.1");
    EXPECT_EQ(info["spec"]["cluster"]["certificate-authority-data"], "Q0E=");
}

TEST_F(CredentialsTest, APluginThatIsNotThereBringsItsHint) {
    KubeAccess access = pluginAccess("no-such-login");
    access.user.exec->installHint = "Install it from\nexample.org";
    Credentials credentials = this->credentials(access);
    EXPECT_THAT(
        credentials.current({}),
        test::failsWith(ErrorCode::NotFound, "The plugin no-such-login is not installed. Install it from example.org"));
    access.user.exec->interactive = ExecEntry::Interactive::Always;
    Credentials asking = this->credentials(access);
    EXPECT_THAT(asking.current({}), test::failsWith(ErrorCode::Denied, HasSubstr("asks on a terminal")));
}

TEST_F(CredentialsTest, APluginThatHangsIsKilledWithWhatItStarted) {
    const std::string mark = (m_folder / "pid").string();
    script("login", fmt::format("sleep 1000 & echo $! > {0}.new && mv {0}.new {0}; wait\n", mark));
    Credentials credentials = this->credentials(pluginAccess("login"));
    std::stop_source stop;
    std::jthread other([&] {
        EXPECT_TRUE(test::waitUntil([&] { return std::filesystem::exists(mark); }));
        stop.request_stop();
    });
    EXPECT_THAT(credentials.current(stop.get_token()), test::failsWith(ErrorCode::Cancelled, testing::_));
    const std::string child = "/proc/" + std::to_string(std::atoi(test::valueOf(readFile(mark)).c_str())) + "/stat";
    EXPECT_TRUE(test::waitUntil([&] {
        const Result<std::string> stat = readFile(child, 4'096);
        return !stat || stat->find(") Z ") != std::string::npos;
    }));
}

TEST_F(CredentialsTest, WhatAPluginPrintsIsChecked) {
    const ExecEntry plugin{.command = "login", .apiVersion = kVersion};
    const auto parsed = [&](std::string_view status, std::string_view version = kVersion) {
        return parseExecCredential(
            fmt::format(R"({{"kind":"ExecCredential","apiVersion":"{}","status":{}}})", version, status), plugin);
    };
    const PluginCredential good = test::valueOf(parsed(
        R"({"clientCertificateData":"CERT","clientKeyData":"KEY","expirationTimestamp":"2026-11-22T01:00:00+01:00"})"));
    EXPECT_EQ(good.certificate, "CERT");
    EXPECT_EQ(good.expires.value(), parseKubeTime("2026-11-22T00:00:00Z"));
    const auto refuses = [&](const Result<PluginCredential>& result, std::string_view words) {
        EXPECT_THAT(result, test::failsWith(ErrorCode::InvalidInput,
                                            AllOf(HasSubstr(std::string(words)), Not(HasSubstr("hush")))));
    };
    refuses(parsed("{}"), "neither a token nor a client certificate");
    refuses(parsed(R"({"token":"hush","clientKeyData":"KEY"})"), "a key without its certificate");
    refuses(parsed(R"({"token":"hush"})", "client.authentication.k8s.io/v1beta1"), "v1beta1");
    refuses(parsed(R"({"token":"hush","expirationTimestamp":"soon"})"), "\"soon\"");
    refuses(parsed("[]"), "no status");
    refuses(parseExecCredential("hush", plugin), "What the plugin login printed");
    refuses(parseExecCredential("[1]", plugin), "no ExecCredential");
}

} // namespace
} // namespace perch::kube
