#include "core/base/file.h"
#include "core/http/client.h"
#include "core/http/server.h"
#include "core/platforms/local/child_process.h"
#include "core/platforms/local/haproxy_configuration.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_settings.h"
#include "core/platforms/local/programs.h"
#include "core/platforms/local/split_target.h"
#include "tests/support/test_support.h"

#include <arpa/inet.h>
#include <atomic>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace perch::local {
namespace {

using test::valueOf;
using testing::HasSubstr;

/// A replica that is healthy but dies with each prediction in its hands: it reads all that came, or a part of it, and
/// its connection ends without an answer.
class DyingReplica {
public:
    enum class Death { Closed, Reset }; ///< Reset: what the kernel does for a process that is killed with unread bytes

    explicit DyingReplica(Death death) : m_death(death), m_listener(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const where = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(m_listener, where, size), 0);
        EXPECT_EQ(::listen(m_listener, 64), 0);
        EXPECT_EQ(::getsockname(m_listener, where, &size), 0);
        m_port = ntohs(address.sin_port);
        m_thread = std::jthread([this] { run(); });
    }
    ~DyingReplica() {
        ::shutdown(m_listener, SHUT_RDWR); // ends the accept
        m_thread.join();
        ::close(m_listener);
    }

    std::uint16_t port() const { return m_port; }
    int deaths() const { return m_deaths; }

private:
    void run() {
        for (int peer = 0; (peer = ::accept(m_listener, nullptr, nullptr)) >= 0;) {
            char bytes[256];
            const ssize_t size = ::recv(peer, bytes, sizeof bytes, 0);
            const std::string_view begin(bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
            if (begin.starts_with("GET /readyz")) {
                const std::string_view well = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                (void)!::send(peer, well.data(), well.size(), MSG_NOSIGNAL);
            } else if (!begin.empty()) {
                ++m_deaths;
                while (m_death == Death::Closed && ::recv(peer, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
                }
                if (m_death == Death::Reset) {
                    const linger hard{1, 0};
                    ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
                }
            }
            ::close(peer);
        }
    }

    const Death m_death;
    const int m_listener;
    std::uint16_t m_port = 0;
    std::atomic<int> m_deaths = 0;
    std::jthread m_thread;
};

/// HAProxy, configured as the platform does, before one replica that answers and one that dies.
class RetryTest : public testing::TestWithParam<DyingReplica::Death> {
protected:
    void SetUp() override {
        m_healthy =
            valueOf(http::Server::start({.bodyLimit = std::size_t{1} << 20}, [](const http::IncomingRequest& request) {
                return http::Response{.body = fmt::format("{}", request.body.size())};
            }));
        const ModelName churn = valueOf(ModelName::parse("churn"));
        RouterLayout layout{valueOf(findFreePort()),
                            valueOf(findFreePort()),
                            valueOf(findFreePort()),
                            {{churn, "/predict_churn"}},
                            {{"churn.0", "churn-v1-0", m_dying.port(), RouterServer::State::Ready},
                             {"churn.0", "churn-v1-1", m_healthy->port(), RouterServer::State::Ready}}};
        m_port = layout.predictPort;
        valueOf(m_files.create());
        valueOf(writeSplitMap(m_files.splitMap(), {{churn, SplitTarget{0, 0, {}, Version{1}, std::nullopt}}}));
        valueOf(writeFileAtomically(m_files.pathMap(), pathMapText(layout)));
        valueOf(writeFileAtomically(m_files.haproxyConfiguration(), haproxyConfiguration(layout)));
        m_haproxy.emplace(
            valueOf(ChildProcess::start({{valueOf(Programs::find()).haproxy.string(), "-db", "-f", "haproxy.cfg"},
                                         m_files.haproxy(),
                                         m_files.log("haproxy")})));
        ASSERT_TRUE(test::waitUntil([&] {
            const auto answer = m_client.send({.url = fmt::format("http://127.0.0.1:{}/healthz", m_port)});
            return answer && answer->status == 200;
        })) << valueOf(readFile(m_files.log("haproxy")));
    }

    test::Folder m_folder;
    LocalFiles m_files{valueOf(Workspace::open(m_folder / "ws"))};
    DyingReplica m_dying{GetParam()};
    std::unique_ptr<http::Server> m_healthy;
    std::uint16_t m_port = 0;
    http::Client m_client;
    std::optional<ChildProcess> m_haproxy;
};

TEST_P(RetryTest, ARequestInTheHandsOfADyingReplicaIsAnsweredByAnother) {
    // From a few bytes to about 140 rows. Each body comes in more than one piece from 16 KB on.
    for (const std::size_t size : {10U, 5'000U, 20'000U, 60'000U}) {
        for (int i = 0; i < 10; ++i) {
            const auto answer = valueOf(m_client.send({.method = "POST",
                                                       .url = fmt::format("http://127.0.0.1:{}/predict_churn", m_port),
                                                       .body = std::string(size, 'x')}));
            EXPECT_EQ(answer.status, 200) << size << " bytes: " << answer.body;
            EXPECT_EQ(answer.body, std::to_string(size));
        }
    }
    EXPECT_GT(m_dying.deaths(), 0) << "nothing was tried";
}

TEST_P(RetryTest, AHeaderThatComesBeforeItsBodyIsKeptUntilBothAreThere) {
    for (int i = 0; i < 10; ++i) {
        const int peer = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(m_port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ASSERT_EQ(::connect(peer, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        const std::string_view head =
            "POST /predict_churn HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n"
            "Expect: 100-continue\r\n\r\n";
        ASSERT_EQ(::send(peer, head.data(), head.size(), 0), static_cast<ssize_t>(head.size()));
        std::string said;
        char bytes[1'024];
        // HAProxy asks for the body when it has taken the head.
        for (ssize_t got = 0;
             said.find("100 Continue") == std::string::npos && (got = ::recv(peer, bytes, sizeof bytes, 0)) > 0;)
            said.append(bytes, static_cast<std::size_t>(got));
        ASSERT_EQ(::send(peer, "abcd", 4, MSG_NOSIGNAL), 4);
        for (ssize_t got = 0; (got = ::recv(peer, bytes, sizeof bytes, 0)) > 0;)
            said.append(bytes, static_cast<std::size_t>(got));
        ::close(peer);
        EXPECT_THAT(said, HasSubstr("HTTP/1.1 200 OK"));
    }
    EXPECT_GT(m_dying.deaths(), 0) << "nothing was tried";
}

INSTANTIATE_TEST_SUITE_P(Deaths, RetryTest, testing::Values(DyingReplica::Death::Closed, DyingReplica::Death::Reset),
                         [](const auto& death) {
                             return death.param == DyingReplica::Death::Closed ? "Closed" : "Reset";
                         });

} // namespace
} // namespace perch::local
