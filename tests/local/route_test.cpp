#include "core/base/file.h"
#include "core/platforms/local/child_process.h"
#include "core/platforms/local/haproxy_configuration.h"
#include "core/platforms/local/programs.h"
#include "core/platforms/local/local_settings.h"
#include "core/platforms/local/split_target.h"
#include "core/platforms/local/traffic_route.h"
#include "tests/support/test_support.h"

#include <csignal>

namespace perch::local {
namespace {

using test::failsWith;
using test::succeeded;
using test::valueOf;
using testing::HasSubstr;

ModelName churn() {
    return valueOf(ModelName::parse("churn"));
}

SplitTarget canaryAt(int basisPoints) {
    return {0, 1, Percent::fromBasisPoints(basisPoints), Version{1}, Version{2}};
}

TEST(SplitTarget, IsTheSameAfterItsText) {
    for (const SplitTarget& target : {canaryAt(1'250), SplitTarget{3, 3, {}, Version{12}, std::nullopt}})
        EXPECT_EQ(valueOf(SplitTarget::parse(target.text())), target);
    EXPECT_EQ(canaryAt(1'000).text(), "0:1:1000:v1:v2");
}

TEST(SplitTarget, RefusesAnythingElse) {
    for (const char* text : {"", "0:1:1000:v1", "0:1:1000:v1:v2:v3", "a:1:1000:v1:v2", "0:1:10001:v1:v2",
             "0:1:-1:v1:v2", "0:1:1000:-:v2", "0:1:1000:v1:x"})
        EXPECT_THAT(SplitTarget::parse(text), failsWith(ErrorCode::Corrupt, HasSubstr("not a traffic split"))) << text;
}

class TrafficRouteTest : public testing::Test {
protected:
    TrafficRouteTest() { valueOf(m_files.create()); }

    test::Folder m_folder;
    LocalFiles m_files{valueOf(Workspace::open(m_folder / "a workspace (with spaces, and more) and a name that is so "
                                                          "long that no socket address could hold the path to it"))};
    TrafficRoute m_route{m_files};
};

TEST_F(TrafficRouteTest, WithoutHaproxyASplitIsRecordedForItsStart) {
    EXPECT_EQ(valueOf(m_route.write(churn(), std::nullopt, canaryAt(1'000))), RouteEffect::Recorded);
    EXPECT_EQ(valueOf(readFile(m_files.splitMap())), "churn 0:1:1000:v1:v2\n");
    EXPECT_EQ(valueOf(m_route.read(churn())), canaryAt(1'000));
}

TEST_F(TrafficRouteTest, AWriteFromAnOldSplitIsAConflict) {
    valueOf(m_route.write(churn(), std::nullopt, canaryAt(1'000)));
    EXPECT_THAT(m_route.write(churn(), canaryAt(500), canaryAt(2'500)),
        failsWith(ErrorCode::Conflict, HasSubstr("changed by somebody else")));
    EXPECT_TRUE(succeeded(m_route.write(churn(), canaryAt(500), canaryAt(1'000)))) << "it is there already";
    EXPECT_EQ(valueOf(m_route.read(churn())), canaryAt(1'000));
}

/// The real HAProxy on the files of a workspace, without replicas behind it.
class HaproxyTest : public TrafficRouteTest {
protected:
    void SetUp() override {
        m_layout.predictPort = valueOf(findFreePort());
        m_layout.metricsPort = valueOf(findFreePort());
        m_layout.truthPort = valueOf(findFreePort());
        m_layout.models = {{churn(), "/predict_churn"}};
        valueOf(writeSplitMap(m_files.splitMap(), {{churn(), canaryAt(1'000)}}));
        valueOf(writeFileAtomically(m_files.pathMap(), pathMapText(m_layout)));
        valueOf(writeFileAtomically(m_files.haproxyConfiguration(), haproxyConfiguration(m_layout)));
        m_process.emplace(valueOf(ChildProcess::start({{valueOf(Programs::find()).haproxy.string(), "-db", "-f",
                                                           "haproxy.cfg"}, m_files.haproxy(), m_files.log("haproxy")})));
        ASSERT_TRUE(test::waitUntil([&] { return m_socket.splits().has_value(); }))
            << valueOf(readFile(m_files.log("haproxy")));
    }

    RouterLayout m_layout;
    HaproxySocket m_socket{m_files.haproxySocket()};
    std::optional<ChildProcess> m_process;
};

TEST_F(HaproxyTest, ASplitIsInTheFileAndInHaproxyWhenTheWriteReturns) {
    EXPECT_EQ(valueOf(m_route.write(churn(), canaryAt(1'000), canaryAt(2'500))), RouteEffect::Effective);
    EXPECT_EQ(valueOf(m_socket.splits()).at(churn()), canaryAt(2'500));
    EXPECT_EQ(valueOf(m_route.wanted()).at(churn()), canaryAt(2'500));
}

TEST_F(HaproxyTest, RepairBringsHaproxyToTheFile) {
    valueOf(writeSplitMap(m_files.splitMap(), {{churn(), canaryAt(5'000)}}));
    ASSERT_EQ(valueOf(m_socket.splits()).at(churn()), canaryAt(1'000));
    ASSERT_TRUE(succeeded(m_route.repair()));
    EXPECT_EQ(valueOf(m_socket.splits()).at(churn()), canaryAt(5'000));
}

TEST_F(HaproxyTest, ServersComeDrainAndGoAtRunTime) {
    RouterServer server{"churn.0", "churn-v1-0", m_layout.truthPort, RouterServer::State::Ready};
    ASSERT_TRUE(succeeded(m_socket.addServer(server)));
    const auto only = [&] { return valueOf(m_socket.servers()).at(0); };
    EXPECT_EQ(only().server, server);
    server.state = RouterServer::State::Drain;
    ASSERT_TRUE(succeeded(m_socket.setState(server)));
    EXPECT_EQ(only().server, server);
    EXPECT_FALSE(only().usable());
    EXPECT_EQ(valueOf(m_socket.sessions()).at(server.path()), 0U);
    EXPECT_FALSE(m_socket.removeServer(server).has_value()) << "only from maintenance";
    server.state = RouterServer::State::Maintenance;
    ASSERT_TRUE(succeeded(m_socket.setState(server)));
    ASSERT_TRUE(succeeded(m_socket.removeServer(server)));
    EXPECT_TRUE(valueOf(m_socket.servers()).empty());
}

TEST_F(HaproxyTest, TheSocketIsOnlyForItsOwner) {
    EXPECT_EQ(std::filesystem::status(m_files.haproxySocket()).permissions(),
        std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(HaproxyTest, ItSaysWhenItIsGone) {
    m_process.reset();
    EXPECT_THAT(m_socket.splits(),
        failsWith(ErrorCode::Unavailable, HasSubstr("HAProxy does not answer at " + m_files.haproxySocket().string())));
}

TEST(HaproxyConfiguration, OnlyReadyServersAreInTheFileThatARestartReads) {
    RouterLayout layout{8'700, 8'701, 8'702, {{churn(), "/predict_churn"}},
        {{"churn.0", "churn-v1-0", 9'001, RouterServer::State::Ready},
            {"churn.1", "churn-v2-0", 9'002, RouterServer::State::Drain}}};
    const std::string text = haproxyConfiguration(layout);
    EXPECT_THAT(text, HasSubstr("server churn-v1-0 127.0.0.1:9001 check"));
    EXPECT_THAT(text, testing::Not(HasSubstr("churn-v2-0")));
    EXPECT_EQ(pathMapText(layout), "/predict_churn churn\n");
}

} // namespace
} // namespace perch::local
