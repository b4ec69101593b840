#include "core/base/file.h"
#include "core/http/client.h"
#include "tests/support/test_support.h"
#include "tests/support/tls/played_server.h"

#include <atomic>

namespace perch {
namespace {

using namespace std::chrono_literals;
using test::AskedRequest;
using test::PlayedServer;
using test::TestAuthority;
using test::Wire;
using ::testing::AllOf;
using ::testing::HasSubstr;

void greet(const AskedRequest&, Wire& wire) {
    wire.answer(200, "hello");
}

/// A client and servers that know each other by an authority of the test.
class HttpTls : public ::testing::Test {
protected:
    TestAuthority m_authority;
    test::Folder m_folder;

    http::Client client(http::Tls tls) { return http::Client({.tls = std::move(tls)}); }
    http::Tls trust() const { return {.authority = m_authority.certificate()}; }
};

TEST_F(HttpTls, BelievesWhomTheAuthoritySigned) {
    const PlayedServer server(m_authority.issueServer(), "", greet);
    http::Client client = this->client(trust());
    EXPECT_EQ(test::valueOf(client.send({.url = server.url("/")})).body, "hello");
    EXPECT_EQ(test::valueOf(client.send({.url = server.url("/")})).body, "hello");
    EXPECT_EQ(server.connections(), 1U);
    EXPECT_EQ(server.offeredProtocols(), "h2,http/1.1");
}

TEST_F(HttpTls, AnAuthorityGivenGoesInPlaceOfTheSystems) {
    const TestAuthority other("another authority");
    const PlayedServer server(other.issueServer(), "", greet);
    EXPECT_THAT(client(trust()).send({.url = server.url("/")}),
                test::failsWith(ErrorCode::Denied, AllOf(HasSubstr(server.peer()), HasSubstr("not trusted"))));
    EXPECT_THAT(client({}).send({.url = server.url("/")}),
                test::failsWith(ErrorCode::Denied, HasSubstr("not trusted")));
    EXPECT_EQ(test::valueOf(client({.insecure = true}).send({.url = server.url("/")})).body, "hello");
}

TEST_F(HttpTls, SaysThatACertificateHasExpired) {
    const PlayedServer server(m_authority.issue("server", "IP:127.0.0.1", -60), "", greet);
    EXPECT_THAT(client(trust()).send({.url = server.url("/")}),
                test::failsWith(ErrorCode::Denied, HasSubstr("certificate has expired")));
}

TEST_F(HttpTls, AsksForAnotherNameThanTheUrls) {
    const PlayedServer server(m_authority.issue("server", "DNS:kubernetes"), "", greet);
    EXPECT_THAT(client(trust()).send({.url = server.url("/")}),
                test::failsWith(ErrorCode::Denied, HasSubstr("127.0.0.1")));
    http::Tls tls = trust();
    tls.serverName = "kubernetes";
    EXPECT_EQ(test::valueOf(client(tls).send({.url = server.url("/x")})).body, "hello");
    EXPECT_EQ(server.askedName(), "kubernetes");
    EXPECT_EQ(server.asked().back().header("Host"), server.peer());
    EXPECT_EQ(server.asked().back().target, "/x");
}

TEST_F(HttpTls, ShowsItsCertificateFromMemoryOrFile) {
    const PlayedServer server(m_authority.issueServer(), m_authority.certificate(), greet);
    const test::KeyPair anna = m_authority.issue("anna");
    http::Tls tls = trust();
    tls.certificate = anna.certificate;
    tls.key = Secret(anna.key);
    EXPECT_TRUE(test::succeeded(client(tls).send({.url = server.url("/")})));
    EXPECT_EQ(server.asked().back().clientName, "anna");

    const test::KeyPair bert = m_authority.issue("bert");
    ASSERT_TRUE(writeFileAtomically(m_folder / "ca", m_authority.certificate()));
    ASSERT_TRUE(writeFileAtomically(m_folder / "cert", bert.certificate));
    ASSERT_TRUE(writeFileAtomically(m_folder / "key", bert.key));
    const http::Tls files{
        .authorityFile = m_folder / "ca", .certificateFile = m_folder / "cert", .keyFile = m_folder / "key"};
    EXPECT_TRUE(test::succeeded(client(files).send({.url = server.url("/")})));
    EXPECT_EQ(server.asked().back().clientName, "bert");
}

TEST_F(HttpTls, RefusesKeysThatAreNone) {
    const PlayedServer server(m_authority.issueServer(), m_authority.certificate(), greet);
    http::Tls tls = trust();
    tls.certificate = m_authority.issue("anna").certificate;
    tls.key = Secret(m_authority.issue("bert").key);
    EXPECT_THAT(client(tls).send({.url = server.url("/")}),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("client certificate")));
    EXPECT_THAT(client({.authority = "no PEM"}).send({.url = server.url("/")}),
                test::failsWith(ErrorCode::InvalidInput, HasSubstr("certificate authority")));
}

TEST_F(HttpTls, NamesTheDeadlineThatPassed) {
    // A server that accepts and says nothing never ends the handshake.
    const PlayedServer silent([](const AskedRequest&, Wire& wire) { wire.hold(); });
    http::Client client({.connectDeadline = 50ms, .tls = trust()});
    EXPECT_THAT(
        client.send({.url = "https://" + silent.peer() + "/"}),
        test::failsWith(ErrorCode::Timeout, AllOf(HasSubstr("No connection to " + silent.peer()), HasSubstr("50 ms"))));
    EXPECT_THAT(client.send({.url = silent.url("/"), .deadline = 70ms}),
                test::failsWith(ErrorCode::Timeout, HasSubstr("did not answer within 70 ms")));
}

TEST_F(HttpTls, GoesThroughAProxyUnlessToldNotTo) {
    const PlayedServer server(m_authority.issueServer(), "", greet);
    const PlayedServer proxy([](const AskedRequest&, Wire& wire) { wire.answer(403, ""); });
    http::Client client({.tls = trust(), .proxy = "http://user:hush@" + proxy.peer()});
    EXPECT_THAT(client.send({.url = server.url("/")}),
                test::failsWith(ErrorCode::Unavailable, AllOf(HasSubstr("403"), Not(HasSubstr("hush")))));
    ASSERT_EQ(proxy.asked().size(), 1U);
    EXPECT_EQ(proxy.asked()[0].method, "CONNECT");
    EXPECT_EQ(proxy.asked()[0].target, server.peer());

    http::Client direct({.tls = trust(), .proxy = "http://127.0.0.1:1", .noProxy = "127.0.0.0/8"});
    EXPECT_EQ(test::valueOf(direct.send({.url = server.url("/")})).body, "hello");
    http::Client lost({.tls = trust(), .proxy = "http://user:hush@127.0.0.1:1"});
    EXPECT_THAT(
        lost.send({.url = server.url("/")}),
        test::failsWith(ErrorCode::Unavailable, AllOf(HasSubstr("the proxy 127.0.0.1:1"), HasSubstr(server.peer()))));
}

TEST_F(HttpTls, StreamsAnAnswerPieceByPiece) {
    std::atomic<int> taken = 0;
    const PlayedServer server(m_authority.issueServer(), "", [&](const AskedRequest&, Wire& wire) {
        wire.begin();
        for (int i = 1; i <= 3; ++i) {
            wire.piece(std::to_string(i));
            // The next piece is sent only when this one has been seen.
            test::waitUntil([&] { return taken >= i; });
        }
        wire.end();
    });
    http::Client client({.bodyLimit = 1, .tls = trust()});
    std::string text;
    const auto sink = [&](std::string_view bytes) -> Result<void> {
        text += bytes;
        ++taken;
        return {};
    };
    EXPECT_EQ(test::valueOf(client.stream({.url = server.url("/")}, sink)).body, "");
    EXPECT_EQ(text, "123");
}

TEST_F(HttpTls, AStreamEndsByItsSinkByStopOrByACut) {
    std::stop_source stop;
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest& request, Wire& wire) {
        wire.begin();
        wire.piece("a");
        if (request.target == "/cut")
            return wire.cut();
        wire.hold();
    });
    http::Client client = this->client(trust());
    EXPECT_THAT(client.stream({.url = server.url("/")},
                              [](std::string_view) -> Result<void> { return fail(ErrorCode::Corrupt, "Bad byte."); }),
                test::failsWith(ErrorCode::Corrupt, "Bad byte."));
    const auto stopping = [&](std::string_view) -> Result<void> {
        stop.request_stop();
        return {};
    };
    EXPECT_THAT(client.stream({.url = server.url("/"), .deadline = 60s}, stopping, stop.get_token()),
                test::failsWith(ErrorCode::Cancelled, testing::_));
    const auto ignore = [](std::string_view) -> Result<void> { return {}; };
    EXPECT_THAT(client.stream({.url = server.url("/cut")}, ignore),
                test::failsWith(ErrorCode::Unavailable, HasSubstr(server.peer())));
}

TEST_F(HttpTls, AServerThatHangsUpWhileWeSendIsAnErrorAndNoSignal) {
    const PlayedServer server(m_authority.issueServer(), "", [](const AskedRequest&, Wire& wire) { wire.cut(); });
    http::Client client = this->client(trust());
    for (int i = 0; i < 20; ++i)
        EXPECT_THAT(client.send({.method = "POST", .url = server.url("/"), .body = std::string(1 << 20, 'x')}),
                    test::failsWith(ErrorCode::Unavailable, HasSubstr(server.peer())));
}

TEST_F(HttpTls, ABadAnswerToAStreamIsKept) {
    const PlayedServer server(m_authority.issueServer(), "",
                              [](const AskedRequest&, Wire& wire) { wire.answer(410, "gone"); });
    bool called = false;
    const http::Response answer = test::valueOf(client(trust()).stream({.url = server.url("/")}, [&](std::string_view) {
        called = true;
        return Result<void>();
    }));
    EXPECT_EQ(answer.status, 410);
    EXPECT_EQ(answer.body, "gone");
    EXPECT_FALSE(called);
}

} // namespace
} // namespace perch
