#include "core/http/client.h"
#include "tests/support/test_support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace perch;
using namespace perch::test;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

namespace {

/// A socket on a free loopback port that says one fixed thing to each connection, or nothing at all.
class RawServer {
public:
    explicit RawServer(std::string answer, bool listens = true) {
        m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(m_socket, reinterpret_cast<sockaddr*>(&address), size), 0);
        ::getsockname(m_socket, reinterpret_cast<sockaddr*>(&address), &size);
        m_port = ntohs(address.sin_port);
        if (!listens)
            return;
        ::listen(m_socket, 8);
        m_thread = std::jthread([this, answer](std::stop_token stop) {
            while (!stop.stop_requested()) {
                const int peer = ::accept(m_socket, nullptr, nullptr);
                if (peer < 0)
                    return;
                char bytes[4096];
                if (!answer.empty() && ::recv(peer, bytes, sizeof bytes, 0) > 0)
                    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
                m_peers.push_back(peer);
                if (!answer.empty())
                    ::shutdown(peer, SHUT_WR);
            }
        });
    }
    ~RawServer() {
        m_thread.request_stop();
        ::shutdown(m_socket, SHUT_RDWR);
        if (m_thread.joinable())
            m_thread.join();
        ::close(m_socket);
        for (const int peer : m_peers)
            ::close(peer);
    }
    std::string url(std::string_view path = "/") const { return fmt::format("http://{}{}", peer(), path); }
    std::string peer() const { return fmt::format("127.0.0.1:{}", m_port); }

private:
    int m_socket = -1;
    std::uint16_t m_port = 0;
    std::vector<int> m_peers;
    std::jthread m_thread;
};

} // namespace

TEST(HttpClient, namesHostAndPortWhenNobodyListens) {
    const RawServer server("", false);
    http::Client client;
    EXPECT_THAT(client.send({.url = server.url()}), failsWith(ErrorCode::Unavailable, HasSubstr(server.peer())));
}

TEST(HttpClient, namesTheSocketFileWhenItIsGone) {
    const Folder folder;
    http::Client client;
    EXPECT_THAT(client.send({.url = "http://perch/", .unixSocket = folder / "gone.sock"}),
        failsWith(ErrorCode::Unavailable, HasSubstr("gone.sock")));
}

TEST(HttpClient, refusesWhatIsNoHttpAddress) {
    http::Client client;
    EXPECT_THAT(client.send({.url = "ftp://127.0.0.1/x"}), failsWith(ErrorCode::InvalidInput, HasSubstr("ftp://")));
    EXPECT_THAT(client.send({.url = "file:///etc/passwd"}), failsWith(ErrorCode::InvalidInput, HasSubstr("file:")));
}

TEST(HttpClient, refusesHeadersWithLineBreaks) {
    http::Client client;
    EXPECT_THAT(client.send({.url = "http://127.0.0.1:1/", .headers = {{"X-Id", "a\r\nX-Evil: b"}}}),
        failsWith(ErrorCode::InvalidInput, HasSubstr("line break")));
}

TEST(HttpClient, givesUpAtTheDeadline) {
    const RawServer server("");
    http::Client client;
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(client.send({.url = server.url(), .deadline = 80ms}),
        failsWith(ErrorCode::Timeout, AllOf(HasSubstr(server.peer()), HasSubstr("80 ms"))));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

TEST(HttpClient, stopsWaitingWhenAskedTo) {
    const RawServer server("");
    http::Client client;
    std::stop_source source;
    const std::jthread other([&] { source.request_stop(); });
    EXPECT_THAT(client.send({.url = server.url(), .deadline = 60s}, source.get_token()),
        failsWith(ErrorCode::Cancelled, testing::_));
}

TEST(HttpClient, boundsTheAnswer) {
    const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789");
    http::Client client({.bodyLimit = 9});
    EXPECT_THAT(client.send({.url = server.url()}), failsWith(ErrorCode::InvalidInput, HasSubstr("9 bytes")));
    http::Client larger({.bodyLimit = 10});
    EXPECT_EQ(valueOf(larger.send({.url = server.url()})).body, "0123456789");
}

TEST(HttpClient, noticesAnAnswerThatBreaksOff) {
    const RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123");
    http::Client client;
    EXPECT_THAT(client.send({.url = server.url()}), failsWith(ErrorCode::Unavailable, HasSubstr(server.peer())));
}

TEST(HttpClient, triesAgainOnlyWhatMayPass) {
    const RawServer busy("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
    http::Client client;
    EXPECT_EQ(valueOf(http::retry(client, {.url = busy.url()}, {.attempts = 3, .first = 1ms})).status, 503);
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_THAT(http::retry(client, {.url = busy.url()}, {.attempts = 1000}, stopped.get_token()),
        failsWith(ErrorCode::Cancelled, testing::_));
}

TEST(HttpMessage, encodesAndDecodes) {
    EXPECT_EQ(http::percentEncode("a b&c/é"), "a%20b%26c%2F%C3%A9");
    EXPECT_EQ(http::percentDecode("a%20b%26c%2f%C3%A9%zz%4"), "a b&c/é%zz%4");
    EXPECT_EQ(http::formEncode({{"query", "up{job=\"x\"}"}, {"time", "1"}}), "query=up%7Bjob%3D%22x%22%7D&time=1");
    const http::Headers headers = {{"Content-Type", "a"}, {"X-Perch-Role", "canary"}};
    EXPECT_EQ(http::findHeader(headers, "x-perch-role"), "canary");
    EXPECT_EQ(http::findHeader(headers, "x-perch"), std::nullopt);
}
