#include "core/base/file.h"
#include "core/kube/kubeconfig.h"
#include "tests/support/test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace perch::kube {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* kShop = R"(apiVersion: v1
kind: Config
preferences: {}
current-context: shop
clusters:
- name: shop
  cluster:
    server: https://10.0.0.1:6443
    certificate-authority-data: Q0EK
    tls-server-name: kubernetes
    proxy-url: socks5://127.0.0.1:1080
    extensions: [{name: minikube, extension: {provider: x}}]
users:
- name: anna
  user:
    client-certificate-data: Q0VSVAo=
    client-key-data: S0VZCg==
    as: deployer
    as-groups: [ops]
    as-user-extra: {scope: [a, b]}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: bin/login
      args: [--quiet]
      env: [{name: REGION, value: eu}]
      interactiveMode: Never
      provideClusterInfo: true
      installHint: install it
contexts:
- name: shop
  context: {cluster: shop, user: anna, namespace: models}
- name: cloud
  context: {cluster: shop, user: plugin}
)";

TEST(Kubeconfig, ReadsWhatKubectlReads) {
    const Kubeconfig config = *Kubeconfig::parse(kShop, "/home/anna/.kube/config");
    const KubeAccess shop = *kubeAccess(config, "");
    EXPECT_EQ(shop.context, "shop");
    EXPECT_EQ(shop.nameSpace, "models");
    EXPECT_EQ(shop.cluster.server, "https://10.0.0.1:6443");
    EXPECT_EQ(shop.cluster.authority, "CA\n");
    EXPECT_EQ(shop.cluster.tlsServerName, "kubernetes");
    EXPECT_EQ(shop.cluster.proxyUrl, "socks5://127.0.0.1:1080");
    EXPECT_FALSE(shop.cluster.insecure);
    EXPECT_EQ(shop.user.certificate, "CERT\n");
    EXPECT_EQ(shop.user.key.reveal(), "KEY\n");
    EXPECT_EQ(shop.user.as.user, "deployer");
    EXPECT_THAT(shop.user.as.groups, ElementsAre("ops"));
    EXPECT_THAT(shop.user.as.extra, ElementsAre(Pair("scope", ElementsAre("a", "b"))));
    const KubeAccess cloud = *kubeAccess(config, "cloud");
    EXPECT_EQ(cloud.nameSpace, "default");
    ASSERT_TRUE(cloud.user.exec);
    EXPECT_EQ(cloud.user.exec->command, "/home/anna/.kube/bin/login");
    EXPECT_THAT(cloud.user.exec->arguments, ElementsAre("--quiet"));
    EXPECT_THAT(cloud.user.exec->environment, ElementsAre(Pair("REGION", "eu")));
    EXPECT_EQ(cloud.user.exec->interactive, ExecEntry::Interactive::Never);
    EXPECT_TRUE(cloud.user.exec->provideClusterInfo);
}

TEST(Kubeconfig, TakesNothingsAndJson) {
    EXPECT_TRUE(Kubeconfig::parse("", "f")->contexts.empty());
    EXPECT_TRUE(Kubeconfig::parse("users: null\nclusters:\ncurrent-context: \"\"\n", "f")->currentContext.empty());
    EXPECT_EQ(Kubeconfig::parse(R"({"current-context": "a", "contexts": [{"name": "a", "context": {}}]})", "f")
                  ->currentContext,
              "a");
}

TEST(Kubeconfig, SaysWhereItIsWrong) {
    const auto message = [](const char* yaml) { return Kubeconfig::parse(yaml, "config").error().message; };
    EXPECT_THAT(message("clusters: [{name: a"), HasSubstr("config:1:"));
    EXPECT_EQ(message("clusters: 3\n"), "config:1:11: clusters must be a list.");
    EXPECT_EQ(message("clusters:\n- name: a\n  cluster: {certificate-authority-data: '%'}\n"),
              "config:3:41: clusters[1].cluster.certificate-authority-data must be base64.");
    EXPECT_EQ(message("users:\n- name: a\n- name: a\n"), "config:3:3: the name \"a\" stands twice in users.");
    EXPECT_THAT(message("users:\n- name: a\n  user: {exec: {command: x}}\n"),
                HasSubstr("config:3:16: users[1].user.exec.apiVersion must be"));
    EXPECT_THAT(message("users:\n- name: a\n  user: {exec: {command: x, apiVersion: v7}}\n"),
                HasSubstr("apiVersion must be"));
    EXPECT_THAT(
        message("users:\n- name: a\n  user: {exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}\n"),
        HasSubstr("needs interactiveMode"));
}

/// Nine levels of ten aliases each would be a billion nodes if they were copied.
TEST(Kubeconfig, IsNotBlownUpByAliases) {
    std::string yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        yaml += fmt::format("a{}: &a{} [", i, i);
        for (int k = 0; k < 10; ++k)
            yaml += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
        yaml += "]\n";
    }
    EXPECT_TRUE(Kubeconfig::parse(yaml, "bomb"));
    EXPECT_FALSE(Kubeconfig::parse(yaml + "clusters: *a9\n", "bomb"));
}

class KubeconfigFiles : public ::testing::Test {
protected:
    test::Folder m_folder;
    std::string write(const char* name, std::string_view text) const {
        const auto file = m_folder.path() / name;
        EXPECT_TRUE(writeFileAtomically(file, text));
        return file.string();
    }
};

TEST_F(KubeconfigFiles, FirstFileThatNamesAThingHasIt) {
    const std::string one = write("one", "contexts:\n- name: a\n  context: {cluster: first}\n");
    const std::string two =
        write("two", "current-context: b\ncontexts:\n- name: a\n  context: {cluster: second, user: u}\n"
                     "- name: b\n  context: {cluster: second}\n");
    const std::string three = write("three", "current-context: a\n");
    const std::string variable =
        one + "::" + (m_folder.path() / "missing").string() + ":" + two + ":" + one + ":" + three;
    const Kubeconfig config = *loadKubeconfig({}, variable, "/nowhere");
    EXPECT_EQ(config.contexts.at("a").cluster, "first");
    EXPECT_EQ(config.contexts.at("a").user, ""); // whole entries, not single fields
    EXPECT_EQ(config.contexts.at("b").cluster, "second");
    EXPECT_EQ(config.currentContext, "b");
    EXPECT_EQ(config.files.size(), 3U);
}

TEST_F(KubeconfigFiles, LooksWhereKubectlLooks) {
    std::filesystem::create_directory(m_folder.path() / ".kube");
    write(".kube/config", "current-context: home\n");
    const std::string chosen = write("chosen", "current-context: chosen\n");
    EXPECT_EQ(loadKubeconfig({}, "", m_folder.path())->currentContext, "home");
    EXPECT_EQ(loadKubeconfig(chosen, "/some/other", m_folder.path())->currentContext, "chosen");
    const auto gone = m_folder.path() / "gone";
    EXPECT_EQ(loadKubeconfig(gone, "", m_folder.path()).error().code, ErrorCode::NotFound);
    EXPECT_EQ(loadKubeconfig({}, gone.string(), m_folder.path()).error().message,
              "There is no kubeconfig: " + gone.string() + " is not there.");
}

TEST_F(KubeconfigFiles, RelativePathsBeginAtTheFile) {
    write("ca.crt", "CA");
    const std::string file =
        write("config", "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
                        "clusters: [{name: c, cluster: {server: 'https://h', certificate-authority: ca.crt}}]\nusers: "
                        "[{name: u, user: {tokenFile: sub/token}}]\n");
    const KubeAccess access = *kubeAccess(*loadKubeconfig(file, "", ""), "");
    EXPECT_EQ(access.cluster.authorityFile, m_folder.path() / "ca.crt");
    EXPECT_EQ(access.user.tokenFile, m_folder.path() / "sub" / "token");
}

TEST(KubeAccess, SaysWhatIsMissing) {
    const Kubeconfig config = *Kubeconfig::parse(kShop, "f");
    EXPECT_EQ(kubeAccess(config, "nope").error().message,
              "The context \"nope\" does not exist; there are: cloud, shop.");
    const auto message = [](const char* cluster, const char* user) {
        const std::string yaml =
            fmt::format("current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n"
                        "clusters: [{{name: c, cluster: {}}}]\nusers: [{{name: u, user: {}}}]\n",
                        cluster, user);
        const Result<KubeAccess> access = kubeAccess(*Kubeconfig::parse(yaml, "f"), "");
        return access ? std::string("fine") : access.error().message;
    };
    EXPECT_EQ(message("{server: 'https://h'}", "{token: t}"), "fine");
    EXPECT_EQ(message("{}", "{}"), "No server is given for the cluster \"c\".");
    EXPECT_THAT(message("{server: h, certificate-authority: a, certificate-authority-data: Q0EK}", "{}"),
                HasSubstr("both"));
    EXPECT_THAT(message("{server: h, insecure-skip-tls-verify: true, certificate-authority-data: Q0EK}", "{}"),
                HasSubstr("insecure-skip-tls-verify"));
    EXPECT_THAT(message("{server: h, certificate-authority: /nowhere/ca}", "{}"), HasSubstr("cannot be read"));
    EXPECT_THAT(message("{server: h}", "{client-certificate-data: Q0EK}"), HasSubstr("without its key"));
    EXPECT_THAT(message("{server: h}", "{token: secret-word, username: x}"), HasSubstr("only one"));
    EXPECT_THAT(message("{server: h}", "{as-groups: [a]}"), HasSubstr("without a user"));
    EXPECT_THAT(message("{server: h}", "{auth-provider: {name: gcp}}"), HasSubstr("gcp"));
    EXPECT_EQ(kubeAccess(*Kubeconfig::parse("contexts: [{name: a, context: {cluster: c}}]", "f"), "a").error().code,
              ErrorCode::NotFound);
    EXPECT_THAT(kubeAccess(Kubeconfig(), "").error().message, HasSubstr("no current-context"));
}

TEST_F(KubeconfigFiles, InAPodTheServiceAccountIsUsed) {
    EXPECT_EQ(inClusterAccess("", "", m_folder.path()).error().code, ErrorCode::NotFound);
    write("ca.crt", "CA");
    write("token", "T");
    write("namespace", "models");
    const KubeAccess access = *inClusterAccess("fd00::1", "443", m_folder.path());
    EXPECT_EQ(access.cluster.server, "https://[fd00::1]:443");
    EXPECT_EQ(access.nameSpace, "models");
    EXPECT_EQ(access.user.tokenFile, m_folder.path() / "token");
}

} // namespace
} // namespace perch::kube
