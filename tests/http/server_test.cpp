#include "core/http/client.h"
#include "core/http/server.h"
#include "tests/support/load.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <future>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace perch;
using namespace perch::test;
using namespace std::chrono_literals;
using testing::HasSubstr;

namespace {

http::Response echo(const http::IncomingRequest& request) {
    http::Response response;
    response.headers.emplace_back("X-Seen", request.header("x-name"));
    response.body = fmt::format("{} {} [{}] {}", request.method, request.path, request.query, request.body);
    return response;
}

std::unique_ptr<http::Server> serve(http::Server::Options options = {}, http::Server::Handler handler = echo) {
    return valueOf(http::Server::start(std::move(options), std::move(handler)));
}

std::string urlOf(const http::Server& server, std::string_view path = "/") {
    return fmt::format("http://127.0.0.1:{}{}", server.port(), path);
}

/// A connection that sends bytes as told, for what a proper client never does.
class RawConnection {
public:
    explicit RawConnection(const http::Server& server)
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        const timeval limit{10, 0};
        ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~RawConnection() { ::close(m_socket); }
    /// False if the peer stopped taking bytes.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t size = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (size <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
        return true;
    }
    /// What comes first.
    std::string readSome() {
        char bytes[4096];
        const ssize_t size = ::recv(m_socket, bytes, sizeof bytes, 0);
        return {bytes, static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }
    /// Everything until the peer closes.
    std::string readAll() {
        std::string all;
        char bytes[4096];
        for (ssize_t size = 0; (size = ::recv(m_socket, bytes, sizeof bytes, 0)) > 0;)
            all.append(bytes, static_cast<std::size_t>(size));
        return all;
    }

private:
    int m_socket;
};

} // namespace

TEST(HttpServer, passesTheRequestAndReturnsTheAnswer) {
    const auto server = serve();
    http::Client client;
    const auto response = valueOf(client.send({.method = "POST", .url = urlOf(*server, "/a%20b?x=1"),
        .headers = {{"X-Name", "perch"}}, .body = "hello"}));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "POST /a%20b [x=1] hello");
    EXPECT_EQ(http::findHeader(response.headers, "x-seen"), "perch");
    EXPECT_EQ(http::findHeader(response.headers, "content-type"), "application/json");
}

TEST(HttpServer, answersHeadWithoutABody) {
    const auto server = serve();
    http::Client client;
    const auto response = valueOf(client.send({.method = "HEAD", .url = urlOf(*server, "/x")}));
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(http::findHeader(response.headers, "content-length"), "11");
}

TEST(HttpServer, answersPipelinedRequestsInOrder) {
    const auto server = serve();
    RawConnection connection(*server);
    std::string requests;
    for (int i = 0; i < 50; ++i)
        requests += fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", i);
    ASSERT_TRUE(connection.send(requests + "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    const std::string answers = connection.readAll();
    std::size_t at = 0;
    for (int i = 0; i < 50; ++i) {
        at = answers.find(fmt::format("GET /{} [] ", i), at);
        ASSERT_NE(at, std::string::npos) << i;
    }
    EXPECT_NE(answers.find("GET /last", at), std::string::npos);
}

TEST(HttpServer, keepsConnectionsForOldClientsOnlyOnRequest) {
    const auto server = serve();
    RawConnection connection(*server);
    ASSERT_TRUE(connection.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"));
    const std::string answers = connection.readAll();
    EXPECT_THAT(answers, HasSubstr("Connection: keep-alive"));
    EXPECT_THAT(answers, HasSubstr("GET /2"));
    EXPECT_THAT(answers, HasSubstr("Connection: close"));
}

TEST(HttpServer, refusesALargeBodyWithoutLosingTheAnswer) {
    int refused = 0;
    std::string path;
    const auto server = serve({.bodyLimit = 1 << 20, .onRefused = [&](std::string_view where, int status) {
                                   refused = status;
                                   path = where;
                               }});
    // This client sends everything before it reads, as many simple ones do.
    RawConnection connection(*server);
    const std::string body(10 << 20, 'x');
    EXPECT_TRUE(connection.send(
        fmt::format("POST /big?x HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)));
    const std::string answer = connection.readAll();
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 413 "));
    EXPECT_THAT(answer, HasSubstr("Connection: close"));
    EXPECT_THAT(answer, HasSubstr("larger than 1048576 bytes"));
    EXPECT_EQ(refused, 413);
    EXPECT_EQ(path, "/big");

    http::Client client;
    const auto response = valueOf(client.send({.method = "POST", .url = urlOf(*server), .body = body}));
    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(nlohmann::json::parse(response.body)["error"]["code"], "invalid_input");
}

TEST(HttpServer, refusesALargeChunkedBody) {
    const auto server = serve({.bodyLimit = 1000});
    RawConnection connection(*server);
    std::string request = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 20; ++i)
        request += "64\r\n" + std::string(100, 'x') + "\r\n";
    EXPECT_TRUE(connection.send(request + "0\r\n\r\n"));
    EXPECT_THAT(connection.readAll(), HasSubstr("HTTP/1.1 413 "));
}

TEST(HttpServer, asksForABodyThatTheClientHoldsBack) {
    const auto server = serve();
    RawConnection connection(*server);
    ASSERT_TRUE(connection.send("POST /held HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n"
                                "Connection: close\r\n\r\n"));
    ASSERT_TRUE(connection.send("body"));
    const std::string answer = connection.readAll();
    EXPECT_THAT(answer, HasSubstr("POST /held [] body"));
}

TEST(HttpServer, refusesWhatIsNoRequest) {
    const auto server = serve({.requestDeadline = 150ms});
    const auto answerTo = [&](const std::string& bytes) {
        RawConnection connection(*server);
        EXPECT_TRUE(connection.send(bytes));
        return connection.readAll();
    };
    EXPECT_THAT(answerTo("hello\r\n\r\n"), HasSubstr("HTTP/1.1 400 "));
    EXPECT_THAT(answerTo("GET / HTTP/1.1\r\nContent-Length: minus\r\n\r\n"), HasSubstr("HTTP/1.1 400 "));
    EXPECT_THAT(answerTo("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')), HasSubstr("HTTP/1.1 431 "));
    EXPECT_THAT(answerTo("GET / HTTP/1.1\r\nHost: x"), HasSubstr("HTTP/1.1 408 "));
    EXPECT_THAT(answerTo("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"), HasSubstr("HTTP/1.1 408 "));
}

TEST(HttpServer, closesIdleConnections) {
    const auto server = serve({.idleDeadline = 100ms});
    RawConnection connection(*server);
    EXPECT_EQ(connection.readAll(), "");
}

TEST(HttpServer, survivesAHandlerThatThrows) {
    const auto server = serve({}, [](const http::IncomingRequest&) -> http::Response { throw std::runtime_error("x"); });
    http::Client client;
    EXPECT_EQ(valueOf(client.send({.url = urlOf(*server)})).status, 500);
    EXPECT_EQ(valueOf(client.send({.url = urlOf(*server)})).status, 500);
}

TEST(HttpServer, neverLetsDataBecomeAHeader) {
    const auto server = serve({}, [](const http::IncomingRequest&) {
        return http::Response{200, {{"X-Id", "a\r\nX-Evil: b"}}, ""};
    });
    http::Client client;
    EXPECT_EQ(http::findHeader(valueOf(client.send({.url = urlOf(*server)})).headers, "x-evil"), std::nullopt);
}

TEST(HttpServer, namesABusyPort) {
    const auto server = serve();
    const auto second = http::Server::start({.port = server->port()}, echo);
    EXPECT_THAT(second,
        failsWith(ErrorCode::Unavailable,
            fmt::format("Port {} on 127.0.0.1 is already in use by another program.", server->port())));
}

TEST(HttpServer, listensOnAPrivateSocketFile) {
    const Folder folder;
    const auto file = folder / "admin.sock";
    {
        const auto server = serve({.unixSocket = file});
        struct stat status {};
        ASSERT_EQ(::stat(file.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600);
        http::Client client;
        EXPECT_EQ(valueOf(client.send({.url = "http://perch/x", .unixSocket = file})).body, "GET /x [] ");
        EXPECT_THAT(http::Server::start({.unixSocket = file}, echo),
            failsWith(ErrorCode::Unavailable, HasSubstr(file.string())));
    }
    EXPECT_FALSE(std::filesystem::exists(file));
    // What a killed server leaves behind is replaced; a file that is no socket is not.
    const int left = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ::close(left);
    ASSERT_TRUE(succeeded(writeFileAtomically(file, "precious")));
    EXPECT_THAT(http::Server::start({.unixSocket = file}, echo), failsWith(ErrorCode::Conflict, HasSubstr("admin.sock")));
}

TEST(HttpServer, quickRequestsPassSlowOnes) {
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::atomic<int> arrived = 0;
    const auto isSlow = [&](const http::IncomingRequest& request) {
        arrived += request.path == "/slow";
        return request.path == "/slow";
    };
    const auto server = serve({.slowLimit = 2, .slow = isSlow},
        [&](const http::IncomingRequest& request) {
            if (request.path == "/slow")
                released.wait();
            return http::Response{200, {}, std::string(request.path)};
        });
    std::vector<std::jthread> threads;
    std::atomic<int> slowAnswers = 0;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            http::Client client;
            slowAnswers += valueOf(client.send({.url = urlOf(*server, "/slow"), .deadline = 20s})).body == "/slow";
        });
    }
    http::Client client;
    ASSERT_TRUE(waitUntil([&] { return arrived == 2; }));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(valueOf(client.send({.url = urlOf(*server, "/quick")})).body, "/quick");
    // One runs, one waits for its turn, a third is too much.
    const auto third = valueOf(client.send({.url = urlOf(*server, "/slow")}));
    EXPECT_EQ(third.status, 429);
    EXPECT_EQ(http::findHeader(third.headers, "retry-after"), "1");
    release.set_value();
    threads.clear();
    EXPECT_EQ(slowAnswers, 2);
}

TEST(HttpServer, drainsUnderLoadWithoutLosingARequest) {
    for (int round = 0; round < 2; ++round) {
        auto server = serve({.threads = 2});
        const auto load = LoadGenerator::start({.port = server->port(), .connections = 16,
            .next = [](std::uint64_t index) { return LoadRequest{fmt::format("/{}", index), "{}"}; }});
        ASSERT_TRUE(waitUntil([&] { return load->report().answered > 500; }));
        EXPECT_TRUE(server->drain(10s));
        EXPECT_TRUE(server->draining());
        const auto atDrain = load->report();
        server.reset();
        const auto report = load->stop();
        EXPECT_EQ(report.lost, 0) << report.text();
        EXPECT_EQ(report.ok, report.sent) << report.text();
        EXPECT_EQ(report.sent, atDrain.sent) << "A request was sent to a server that was gone.";
    }
}

TEST(HttpServer, drainGivesUpAtItsDeadline) {
    std::promise<void> release;
    const std::shared_future<void> released = release.get_future().share();
    std::atomic<bool> begun = false;
    const auto server = serve({}, [&](const http::IncomingRequest&) {
        begun = true;
        released.wait();
        return http::Response{};
    });
    std::jthread other([&] {
        http::Client client;
        EXPECT_EQ(valueOf(client.send({.url = urlOf(*server)})).status, 200);
    });
    ASSERT_TRUE(waitUntil([&] { return begun.load(); }));
    EXPECT_FALSE(server->drain(20ms));
    release.set_value();
    EXPECT_TRUE(server->drain(10s));
}

TEST(HttpServer, idleConnectionsKeepNobodyOut) {
    const auto server = serve({.connectionLimit = 10});
    http::Client kept;
    EXPECT_EQ(valueOf(kept.send({.url = urlOf(*server)})).status, 200);
    std::vector<std::unique_ptr<RawConnection>> idle;
    for (int i = 0; i < 50; ++i) {
        idle.push_back(std::make_unique<RawConnection>(*server));
        if (i % 5 == 0) {
            EXPECT_EQ(valueOf(kept.send({.url = urlOf(*server)})).status, 200);
        }
    }
    http::Client other;
    EXPECT_EQ(valueOf(other.send({.url = urlOf(*server)})).status, 200);
    EXPECT_EQ(idle.front()->readAll(), "") << "the one that waited longest was closed";
}

TEST(HttpServer, atTheLimitARequestUnderWayIsNotCut) {
    const auto server = serve({.connectionLimit = 4});
    RawConnection slow(*server);
    ASSERT_TRUE(slow.send("GET / HTTP/1.1\r\nHost: a\r\nConn"));
    std::vector<std::unique_ptr<RawConnection>> idle;
    for (int i = 0; i < 20; ++i)
        idle.push_back(std::make_unique<RawConnection>(*server));
    http::Client other;
    EXPECT_EQ(valueOf(other.send({.url = urlOf(*server)})).status, 200);
    ASSERT_TRUE(slow.send("ection: close\r\n\r\n"));
    EXPECT_THAT(slow.readAll(), testing::StartsWith("HTTP/1.1 200 OK"));
}

TEST(HttpServer, whoDripsWithoutPauseIsEndedToo) {
    const auto server = serve({.requestDeadline = 200ms});
    RawConnection loris(*server);
    ASSERT_TRUE(loris.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"));
    std::jthread drip([&](const std::stop_token& stop) {
        for (int i = 0; i < 900'000 && !stop.stop_requested() && loris.send("x"); ++i)
            std::this_thread::yield();
    });
    EXPECT_THAT(loris.readSome(), testing::StartsWith("HTTP/1.1 408"));
}
