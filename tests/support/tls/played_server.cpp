#include "tests/support/tls/played_server.h"

#include "core/http/pipe_guard.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <charconv>
#include <mutex>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace perch::test {

namespace {

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A connection, with TLS or without.
class PlayedWire final : public Wire {
public:
    PlayedWire(int socket, SSL* tls) : m_socket(socket), m_tls(tls) {}
    ~PlayedWire() override { SSL_free(m_tls); }
    PlayedWire(const PlayedWire&) = delete;
    PlayedWire& operator=(const PlayedWire&) = delete;

    bool accept() { return m_tls == nullptr || SSL_accept(m_tls) == 1; }
    bool write(std::string_view bytes) override {
        while (!bytes.empty() && !m_cut) {
            const auto written = m_tls != nullptr
                                     ? SSL_write(m_tls, bytes.data(), static_cast<int>(bytes.size()))
                                     : static_cast<int>(::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL));
            if (written <= 0)
                m_cut = true;
            else
                bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return !m_cut;
    }
    void cut() override {
        m_cut = true;
        ::shutdown(m_socket, SHUT_RDWR);
    }
    void hold() override {
        char bytes[512];
        while (read(bytes, sizeof bytes) > 0) {
        }
        m_cut = true;
    }
    int read(char* bytes, std::size_t size) {
        return m_tls != nullptr ? SSL_read(m_tls, bytes, static_cast<int>(size))
                                : static_cast<int>(::recv(m_socket, bytes, size, 0));
    }
    bool wasCut() const { return m_cut; }
    std::string clientName() const {
        X509* const certificate = m_tls != nullptr ? SSL_get0_peer_certificate(m_tls) : nullptr;
        char name[256] = "";
        if (certificate != nullptr)
            X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
        return name;
    }

private:
    int m_socket;
    SSL* m_tls;
    bool m_cut = false;
};

/// One request; nothing when the client hangs up.
std::optional<AskedRequest> readRequest(PlayedWire& wire) {
    std::string text;
    char bytes[4096];
    std::size_t head = 0;
    while ((head = text.find("\r\n\r\n")) == std::string::npos) {
        const int count = wire.read(bytes, sizeof bytes);
        if (count <= 0)
            return std::nullopt;
        text.append(bytes, static_cast<std::size_t>(count));
    }
    AskedRequest request{.clientName = wire.clientName()};
    request.method = text.substr(0, text.find(' '));
    const std::size_t target = request.method.size() + 1;
    request.target = text.substr(target, text.find(' ', target) - target);
    for (std::size_t line = text.find("\r\n") + 2; line < head; line = text.find("\r\n", line) + 2) {
        const std::size_t colon = text.find(": ", line), end = text.find("\r\n", line);
        if (colon < end)
            request.headers.emplace_back(text.substr(line, colon - line), text.substr(colon + 2, end - colon - 2));
    }
    std::size_t length = 0;
    const std::string stated = request.header("Content-Length");
    std::from_chars(stated.data(), stated.data() + stated.size(), length);
    request.body = text.substr(head + 4);
    while (request.body.size() < length) {
        const int count = wire.read(bytes, sizeof bytes);
        if (count <= 0)
            return std::nullopt;
        request.body.append(bytes, static_cast<std::size_t>(count));
    }
    return request;
}

int addKnownClients(SSL_CTX* context, const std::string& authority) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(authority.data(), -1), &BIO_free);
    X509* certificate = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr);
    const int added = X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
    X509_free(certificate);
    return added;
}

} // namespace

bool Wire::answer(int status, std::string_view body, std::string_view header) {
    return write(fmt::format("HTTP/1.1 {} X\r\n{}\r\nContent-Length: {}\r\n\r\n{}", status, header, body.size(), body));
}

bool Wire::begin(std::string_view header) {
    return write(fmt::format("HTTP/1.1 200 OK\r\n{}\r\nTransfer-Encoding: chunked\r\n\r\n", header));
}

bool Wire::piece(std::string_view text) {
    return write(fmt::format("{:x}\r\n{}\r\n", text.size(), text));
}

bool Wire::end() {
    return write("0\r\n\r\n");
}

struct PlayedServer::State {
    TlsContext context{nullptr, &SSL_CTX_free};
    Play play;
    int listener = -1;
    std::uint16_t port = 0;
    mutable std::mutex mutex;
    std::vector<AskedRequest> asked;
    std::vector<int> sockets;
    std::string protocols, name;
    std::vector<std::jthread> threads;
    std::jthread acceptor;

    void listen();
    void setIdentity(const KeyPair& identity, const std::string& clients);
    void serve(int socket);

    static int onProtocols(SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* in,
                           unsigned int size, void* state);
    static int onName(SSL* tls, int*, void* state);
};

int PlayedServer::State::onProtocols(SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* in,
                                     unsigned int size, void* context) {
    auto& state = *static_cast<State*>(context);
    const std::scoped_lock lock(state.mutex);
    state.protocols.clear();
    for (unsigned int i = 0; i < size; i += in[i] + 1U) {
        const std::string protocol(reinterpret_cast<const char*>(in) + i + 1, in[i]);
        state.protocols += (state.protocols.empty() ? "" : ",") + protocol;
        if (protocol == "http/1.1") {
            *out = in + i + 1;
            *outSize = in[i];
        }
    }
    return *out != nullptr ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

int PlayedServer::State::onName(SSL* tls, int*, void* context) {
    auto& state = *static_cast<State*>(context);
    const char* name = SSL_get_servername(tls, TLSEXT_NAMETYPE_host_name);
    const std::scoped_lock lock(state.mutex);
    state.name = name != nullptr ? name : "";
    return SSL_TLSEXT_ERR_OK;
}

void PlayedServer::State::setIdentity(const KeyPair& identity, const std::string& clients) {
    context.reset(SSL_CTX_new(TLS_server_method()));
    const std::unique_ptr<BIO, decltype(&BIO_free)> certificate(BIO_new_mem_buf(identity.certificate.data(), -1),
                                                                &BIO_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> key(BIO_new_mem_buf(identity.key.data(), -1), &BIO_free);
    X509* const own = PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr);
    EVP_PKEY* const ownKey = PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr);
    const bool used = SSL_CTX_use_certificate(context.get(), own) == 1 &&
                      SSL_CTX_use_PrivateKey(context.get(), ownKey) == 1 &&
                      (clients.empty() || addKnownClients(context.get(), clients) == 1);
    X509_free(own);
    EVP_PKEY_free(ownKey);
    if (!used)
        throw std::runtime_error("the test server cannot use its certificate");
    SSL_CTX_set_verify(context.get(), clients.empty() ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_select_cb(context.get(), &State::onProtocols, this);
    SSL_CTX_set_tlsext_servername_callback(context.get(), &State::onName);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
}

void PlayedServer::State::serve(int socket) {
    const http::PipeGuard guard;
    SSL* tls = nullptr;
    if (context != nullptr) {
        tls = SSL_new(context.get());
        SSL_set_fd(tls, socket);
    }
    PlayedWire wire(socket, tls);
    if (!wire.accept())
        return wire.cut();
    while (!wire.wasCut()) {
        const std::optional<AskedRequest> request = readRequest(wire);
        if (!request)
            break;
        {
            const std::scoped_lock lock(mutex);
            asked.push_back(*request);
        }
        play(*request, wire);
    }
    wire.cut();
}

void PlayedServer::State::listen() {
    listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 16) != 0)
        throw std::runtime_error("the test server cannot listen");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    acceptor = std::jthread([this] {
        for (int socket = 0; (socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
            const std::scoped_lock lock(mutex);
            sockets.push_back(socket);
            threads.emplace_back([this, socket] { serve(socket); });
        }
    });
}

PlayedServer::PlayedServer(const KeyPair& identity, const std::string& clients, Play play)
    : m_state(std::make_unique<State>()) {
    m_state->play = std::move(play);
    m_state->setIdentity(identity, clients);
    m_state->listen();
}

PlayedServer::PlayedServer(Play play) : m_state(std::make_unique<State>()) {
    m_state->play = std::move(play);
    m_state->listen();
}

PlayedServer::~PlayedServer() {
    ::shutdown(m_state->listener, SHUT_RDWR);
    m_state->acceptor.join();
    for (const int socket : m_state->sockets)
        ::shutdown(socket, SHUT_RDWR);
    m_state->threads.clear();
    for (const int socket : m_state->sockets)
        ::close(socket);
    ::close(m_state->listener);
}

std::string PlayedServer::peer() const {
    return fmt::format("127.0.0.1:{}", m_state->port);
}

std::string PlayedServer::url(std::string_view path) const {
    return fmt::format("{}://{}{}", m_state->context != nullptr ? "https" : "http", peer(), path);
}

std::vector<AskedRequest> PlayedServer::asked() const {
    const std::scoped_lock lock(m_state->mutex);
    return m_state->asked;
}

std::size_t PlayedServer::connections() const {
    const std::scoped_lock lock(m_state->mutex);
    return m_state->sockets.size();
}

std::string PlayedServer::offeredProtocols() const {
    const std::scoped_lock lock(m_state->mutex);
    return m_state->protocols;
}

std::string PlayedServer::askedName() const {
    const std::scoped_lock lock(m_state->mutex);
    return m_state->name;
}

} // namespace perch::test
