#include "tests/e2e/installed_perch.h"

namespace perch {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// `perch cluster` as a person runs it.
class ClusterVerbs : public ::testing::Test {
protected:
    test::InstalledPerch m_perch;
    test::Folder m_folder;

    std::string write(std::string_view text) const {
        EXPECT_TRUE(writeFileAtomically(m_folder / "config", text));
        return (m_folder / "config").string();
    }
};

constexpr const char* kTwo = R"(current-context: shop
clusters: [{name: c, cluster: {server: 'https://10.0.0.1:6443'}}]
users: [{name: u, user: {token: hush-hush, as: deployer}}]
contexts:
- {name: shop, context: {cluster: c, user: u, namespace: models}}
)";

TEST_F(ClusterVerbs, ContextsAreListedWithoutSecrets) {
    const std::string file = write(kTwo);
    const std::string out = m_perch.must({"cluster", "contexts", "--kubeconfig", file}).out;
    EXPECT_THAT(out, HasSubstr("* shop"));
    EXPECT_THAT(out, HasSubstr("token, as deployer"));
    const auto run = m_perch.must({"cluster", "contexts", "--kubeconfig", file, "--json"});
    const auto document = run.document();
    EXPECT_EQ(document["current_context"], "shop");
    EXPECT_EQ(document["contexts"][0]["namespace"], "models");
    EXPECT_EQ(document["contexts"][0]["problem"], nullptr);
    EXPECT_THAT(out + run.out, Not(HasSubstr("hush")));
}

TEST_F(ClusterVerbs, AContextThatCannotBeUsedSaysWhy) {
    const std::string file = write(std::string(kTwo) + "- {name: \"old\\e[31m\", context: {cluster: gone, user: u}}\n");
    const auto run = m_perch.run({"cluster", "contexts", "--kubeconfig", file});
    EXPECT_EQ(run.exitCode, 1);
    EXPECT_THAT(run.out, HasSubstr("The cluster \"gone\" was not found for the context \"old?[31m\"."));
    EXPECT_THAT(run.out, Not(HasSubstr("\x1b")));
}

TEST_F(ClusterVerbs, AWrongFileIsNamedWithItsPlace) {
    const auto run = m_perch.run({"cluster", "contexts", "--kubeconfig", write("contexts:\n- name: [a\n")});
    EXPECT_EQ(run.exitCode, 2);
    EXPECT_THAT(run.err, HasSubstr("config:3:1"));
    EXPECT_EQ(m_perch.run({"cluster", "contexts", "--kubeconfig", m_folder / "none"}).exitCode, 2);
}

TEST_F(ClusterVerbs, CheckNamesTheServerThatDoesNotAnswer) {
    const std::string file = write(R"(current-context: shop
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: u, user: {token: hush-hush}}]
contexts: [{name: shop, context: {cluster: c, user: u}}]
)");
    const auto run = m_perch.run({"cluster", "check", "--kubeconfig", file, "--json"});
    EXPECT_EQ(run.exitCode, 3);
    EXPECT_EQ(run.document()["error"]["message"], "Nobody answers at 127.0.0.1:1.");
    const auto wrong = m_perch.run({"cluster", "check", "--kubeconfig", file, "--context", "other"});
    EXPECT_EQ(wrong.exitCode, 2);
    EXPECT_THAT(wrong.err, HasSubstr("The context \"other\" does not exist; there are: shop."));
}

} // namespace
} // namespace perch
