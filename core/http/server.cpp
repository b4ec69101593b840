#include "core/http/server.h"

#include "core/base/log.h"
#include "core/http/connections.h"
#include "core/http/listening_socket.h"
#include "core/http/refusal.h"
#include "core/http/serialize.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <netinet/tcp.h>
#include <thread>

namespace perch::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Code = boost::system::error_code;
using Executor = asio::strand<asio::io_context::executor_type>;
using Protocol = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Fields = beast::http::fields;

namespace {

constexpr std::size_t kReadSize = 8 * 1024;
constexpr std::size_t kLargeReadSize = 64 * 1024;
constexpr milliseconds kSweep{50};
/// At the limit of connections, this part of them is closed if they are idle.
constexpr std::size_t kRoomShare = 16;
/// How long a connection without a request stays open while draining: a request may be on its way.
constexpr milliseconds kQuietGrace{250};
/// How long the acknowledgment of a connection may be on its way when the listener is to close.
constexpr milliseconds kHandshakeGrace{20};
/// After refusing a body, the rest of it is read and dropped: closing at once would reset the connection and the
/// client would never see the answer.
constexpr milliseconds kLinger{5'000};
constexpr std::size_t kLingerLimit = std::size_t{256} << 20;

std::string_view view(boost::core::string_view text) {
    return {text.data(), text.size()};
}

int statusOf(const Code& code) {
    using beast::http::error;
    if (code == error::body_limit)
        return 413;
    if (code == error::header_limit || code == error::buffer_overflow)
        return 431;
    return 400;
}

} // namespace

std::string_view IncomingRequest::header(std::string_view name) const {
    const auto& fields = *static_cast<const Fields*>(m_fields);
    const auto found = fields.find(boost::core::string_view(name.data(), name.size()));
    return found == fields.end() ? std::string_view() : view(found->value());
}

/// Everything that outlives the connections.
class Server::State {
public:
    State(Options chosen, Handler chosenHandler, ListeningSocket socket)
        : options(std::move(chosen)),
          handler(std::move(chosenHandler)),
          listening(std::move(socket)),
          io(static_cast<int>(options.threads)),
          acceptor(asio::make_strand(io)),
          sweeper(acceptor.get_executor()),
          slowPool(options.slowThreads) {}
    ~State();

    void run();
    void accept();
    void adopt(Socket socket);
    void sweep();
    bool full() const { return connections.count() >= options.connectionLimit; }
    void makeRoom() const { connections.closeLongestIdle(1 + options.connectionLimit / kRoomShare); }
    void beginDraining();
    void stopAccepting();

    const Options options;
    const Handler handler;
    ListeningSocket listening;
    std::atomic<bool> draining = false;
    std::atomic<std::size_t> slowCount = 0;

    Connections connections;

    // Sessions live in the handlers that the context keeps: it goes before what they use.
    asio::io_context io;
    asio::basic_socket_acceptor<Protocol, Executor> acceptor;
    asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>, Executor> sweeper;
    asio::thread_pool slowPool;
    std::vector<std::jthread> threads;

private:
    bool m_acceptPaused = false; ///< only on the acceptor's strand
};

/// One connection: read, answer, read the next, all on its own strand. The sweeper ends what takes too long.
class Session : public Connection, public std::enable_shared_from_this<Session> {
public:
    Session(Server::State& server, Socket socket)
        : m_server(server),
          m_socket(std::move(socket)) {}
    ~Session() override { m_server.connections.remove(this); }

    void start();
    void checkDeadline(steady_clock::time_point now) override;
    void onDrain() override;
    std::optional<steady_clock::time_point> idleSince() const override;
    void closeIfIdle() override;

private:
    using Parser = beast::http::request_parser<beast::http::string_body>;
    enum class Phase { Idle, Reading, Handling, Writing, Lingering, Closed };

    void readNext();
    void parse();
    void onRead(const Code& code, std::size_t size);
    void onHeader();
    void dispatch();
    void dispatchSlowly();
    IncomingRequest incoming() const;
    Response handle(const IncomingRequest& request) const;
    void answer(const Response& response);
    void refuse(int status);
    void onWritten(const Code& code);
    void linger(std::size_t dropped);
    void expire();
    void close();
    void enter(Phase phase, milliseconds allowed) {
        m_phase = phase;
        m_deadline = steady_clock::now() + allowed;
    }
    const Parser::value_type& message() const { return m_parser->get(); }

    Server::State& m_server;
    Socket m_socket;
    beast::flat_buffer m_buffer;
    std::optional<Parser> m_parser;
    std::string m_output;
    Phase m_phase = Phase::Idle;
    bool m_keepAlive = true;
    bool m_refused = false;
    bool m_expired = false;
    bool m_headerSeen = false;
    std::atomic<steady_clock::time_point> m_deadline = steady_clock::time_point::max();
    std::atomic<steady_clock::time_point> m_idleSince = steady_clock::time_point::max(); ///< max: it has a request
};

void Session::start() {
    asio::post(m_socket.get_executor(), [self = shared_from_this()] { self->readNext(); });
}

void Session::readNext() {
    m_parser.emplace();
    m_parser->header_limit(kHeaderLimit);
    m_parser->body_limit(m_server.options.bodyLimit);
    m_parser->eager(true);
    m_headerSeen = false;
    m_idleSince = steady_clock::now();
    enter(Phase::Idle, m_server.draining ? kQuietGrace : m_server.options.idleDeadline);
    parse();
}

/// Parses what is there (the next request may have come with the last one), and reads on where that is not enough.
void Session::parse() {
    Code code;
    if (m_buffer.size() > 0)
        m_buffer.consume(m_parser->put(m_buffer.data(), code));
    if (code && code != beast::http::error::need_more)
        return refuse(statusOf(code));
    if (m_parser->is_header_done() && !m_headerSeen)
        onHeader();
    if (m_parser->is_done())
        return dispatch();
    const bool large = m_headerSeen && m_parser->content_length().value_or(kLargeReadSize) > kReadSize;
    const std::size_t size = large ? kLargeReadSize : kReadSize;
    m_socket.async_read_some(m_buffer.prepare(size),
        [self = shared_from_this()](const Code& failure, std::size_t length) { self->onRead(failure, length); });
}

void Session::onRead(const Code& code, std::size_t size) {
    if (m_phase == Phase::Closed)
        return;
    // Also when a byte came at the last moment: who drips fast enough would never be ended.
    if (m_expired)
        return refuse(408);
    if (code)
        return close();
    m_buffer.commit(size);
    // The time for a request counts from its first byte, however slowly the others drip in.
    if (m_phase == Phase::Idle) {
        m_idleSince = steady_clock::time_point::max();
        enter(Phase::Reading, m_server.options.requestDeadline);
    }
    parse();
}

void Session::onHeader() {
    m_headerSeen = true;
    if (m_parser->is_done())
        return;
    if (beast::iequals(message()[beast::http::field::expect], "100-continue")) {
        // So short that it always fits into an empty send buffer.
        Code ignored;
        m_socket.write_some(asio::buffer("HTTP/1.1 100 Continue\r\n\r\n", 25), ignored);
    }
}

IncomingRequest Session::incoming() const {
    IncomingRequest request;
    request.method = view(message().method_string());
    request.path = view(message().target());
    if (const auto mark = request.path.find('?'); mark != std::string_view::npos) {
        request.query = request.path.substr(mark + 1);
        request.path = request.path.substr(0, mark);
    }
    request.body = message().body();
    request.m_fields = &static_cast<const Fields&>(message().base());
    return request;
}

Response Session::handle(const IncomingRequest& request) const {
    try {
        return m_server.handler(request);
    } catch (const std::exception& error) {
        log::error("http", "{} {} failed: {}", request.method, request.path, error.what());
        return errorResponse(fail(ErrorCode::Internal, "The server failed on this request."));
    }
}

void Session::dispatch() {
    m_idleSince = steady_clock::time_point::max();
    m_phase = Phase::Handling;
    m_deadline = steady_clock::time_point::max();
    m_keepAlive = m_parser->keep_alive();
    const IncomingRequest request = incoming();
    if (m_server.options.slow && m_server.options.slow(request))
        return dispatchSlowly();
    answer(handle(request));
}

void Session::dispatchSlowly() {
    if (m_server.slowCount.fetch_add(1) >= m_server.options.slowLimit) {
        m_server.slowCount.fetch_sub(1);
        if (m_server.options.onRefused)
            m_server.options.onRefused(incoming().path, 429);
        Response response = errorResponse(refusal(429, m_server.options), 429);
        response.headers.emplace_back("Retry-After", "1");
        return answer(response);
    }
    asio::post(m_server.slowPool, [self = shared_from_this()] {
        Response response = self->handle(self->incoming());
        self->m_server.slowCount.fetch_sub(1);
        asio::post(self->m_socket.get_executor(),
            [self, response = std::move(response)] { self->answer(response); });
    });
}

void Session::answer(const Response& response) {
    m_keepAlive = m_keepAlive && !m_server.draining;
    const bool head = m_parser->is_header_done() && message().method() == beast::http::verb::head;
    const unsigned version = m_parser->is_header_done() ? message().version() : 11;
    serialize(response, {.withBody = !head, .keepAlive = m_keepAlive, .version = version}, m_output);
    enter(Phase::Writing, m_server.options.writeDeadline);
    asio::async_write(m_socket, asio::buffer(m_output),
        [self = shared_from_this()](const Code& code, std::size_t) { self->onWritten(code); });
}

void Session::refuse(int status) {
    m_refused = true;
    m_keepAlive = false;
    if (m_server.options.onRefused)
        m_server.options.onRefused(m_parser->is_header_done() || status == 413 ? incoming().path : "", status);
    answer(errorResponse(refusal(status, m_server.options), status));
}

void Session::onWritten(const Code& code) {
    if (code || m_phase == Phase::Closed)
        return close();
    if (m_keepAlive)
        return readNext();
    Code ignored;
    m_socket.shutdown(Socket::shutdown_send, ignored);
    enter(Phase::Lingering, m_refused ? kLinger : kQuietGrace);
    linger(0);
}

void Session::linger(std::size_t dropped) {
    m_buffer.clear();
    m_socket.async_read_some(m_buffer.prepare(kLargeReadSize),
        [self = shared_from_this(), dropped](const Code& code, std::size_t size) {
            if (code || dropped + size > kLingerLimit)
                self->close();
            else
                self->linger(dropped + size);
        });
}

void Session::checkDeadline(steady_clock::time_point now) {
    if (m_deadline.load() <= now)
        asio::post(m_socket.get_executor(), [self = shared_from_this()] { self->expire(); });
}

void Session::expire() {
    if (m_deadline.load() > steady_clock::now())
        return;
    if (m_phase != Phase::Reading)
        return close();
    m_expired = true;
    m_deadline = steady_clock::time_point::max();
    Code ignored;
    m_socket.cancel(ignored);
}

void Session::onDrain() {
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        if (self->m_phase == Phase::Idle)
            self->m_deadline = steady_clock::now() + kQuietGrace;
    });
}

std::optional<steady_clock::time_point> Session::idleSince() const {
    const steady_clock::time_point since = m_idleSince;
    return since == steady_clock::time_point::max() ? std::nullopt : std::optional(since);
}

void Session::closeIfIdle() {
    asio::post(m_socket.get_executor(), [self = shared_from_this()] {
        if (self->m_phase == Phase::Idle)
            self->close();
    });
}

void Session::close() {
    m_phase = Phase::Closed;
    m_deadline = steady_clock::time_point::max();
    Code ignored;
    m_socket.close(ignored);
}

void Server::State::run() {
    const Protocol protocol(listening.family(), listening.family() == AF_UNIX ? 0 : IPPROTO_TCP);
    acceptor.assign(protocol, listening.releaseDescriptor());
    acceptor.non_blocking(true);
    asio::post(acceptor.get_executor(), [this] {
        accept();
        sweep();
    });
    for (unsigned i = 0; i < std::max(1U, options.threads); ++i)
        threads.emplace_back([this] { io.run(); });
}

void Server::State::accept() {
    acceptor.async_accept(asio::make_strand(io), [this](const Code& code, Socket socket) {
        if (!code)
            adopt(std::move(socket));
        if (!acceptor.is_open())
            return;
        // Out of descriptors or at the limit: the sweeper looks again soon, connections wait in the system's queue.
        m_acceptPaused = (code && code != asio::error::connection_aborted) || full();
        if (m_acceptPaused)
            makeRoom();
        else
            accept();
    });
}

void Server::State::adopt(Socket socket) {
    const int yes = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const auto session = std::make_shared<Session>(*this, std::move(socket));
    connections.add(session);
    session->start();
}

void Server::State::sweep() {
    const auto now = steady_clock::now();
    for (const auto& connection : connections.all())
        connection->checkDeadline(now);
    if (m_acceptPaused && acceptor.is_open()) {
        m_acceptPaused = full();
        if (m_acceptPaused)
            makeRoom();
        else
            accept();
    }
    sweeper.expires_after(kSweep);
    sweeper.async_wait([this](const Code& code) {
        if (!code)
            sweep();
    });
}

void Server::State::beginDraining() {
    // Closing resets connections that the system has completed and nobody has accepted: none may be left behind.
    if (listening.family() != AF_UNIX)
        refuseNewConnections(acceptor.native_handle());
    sweeper.expires_after(kHandshakeGrace);
    sweeper.async_wait([this](const Code&) {
        stopAccepting();
        sweep();
    });
    for (const auto& connection : connections.all())
        connection->onDrain();
}

void Server::State::stopAccepting() {
    Code code;
    acceptor.cancel(code);
    for (;;) {
        Socket socket(asio::make_strand(io));
        acceptor.accept(socket, code);
        if (code)
            break;
        adopt(std::move(socket));
    }
    acceptor.close(code);
    connections.close();
}

Server::State::~State() {
    slowPool.stop();
    io.stop();
    threads.clear();
    slowPool.join();
}

Server::Server(std::unique_ptr<State> state)
    : m_state(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(Options options, Handler handler) {
    ListeningSocket socket = options.unixSocket.empty()
                                 ? TRY(ListeningSocket::onPort(options.address, options.port))
                                 : TRY(ListeningSocket::onFile(options.unixSocket));
    try {
        auto state = std::make_unique<State>(std::move(options), std::move(handler), std::move(socket));
        state->run();
        return std::unique_ptr<Server>(new Server(std::move(state)));
    } catch (const std::exception& error) {
        return fail(ErrorCode::Internal, "The server cannot start: {}.", error.what());
    }
}

std::uint16_t Server::port() const {
    return m_state->listening.port();
}

bool Server::draining() const {
    return m_state->draining;
}

bool Server::drain(milliseconds deadline) {
    if (!m_state->draining.exchange(true))
        asio::post(m_state->acceptor.get_executor(), [state = m_state.get()] { state->beginDraining(); });
    return m_state->connections.waitUntilGone(deadline);
}

} // namespace perch::http
