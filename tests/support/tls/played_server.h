#pragma once

#include "core/http/message.h"
#include "tests/support/tls/test_certificates.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::test {

/// What a client of a PlayedServer asked.
struct AskedRequest {
    std::string method, target; ///< `/api/v1/pods?limit=2`, of a proxy `host:port`
    http::Headers headers;
    std::string body;
    std::string clientName; ///< common name of the client's certificate, if it showed one

    std::string header(std::string_view name) const {
        return std::string(http::findHeader(headers, name).value_or(""));
    }
};

/// The side of a connection that a play writes to.
class Wire {
public:
    virtual ~Wire() = default;
    /// Writes bytes as they are; false once the client has gone.
    virtual bool write(std::string_view bytes) = 0;
    /// Ends the connection in the middle of whatever it was, without a farewell.
    virtual void cut() = 0;
    /// Waits until the client hangs up or the server ends.
    virtual void hold() = 0;

    /// A whole answer.
    bool answer(int status, std::string_view body, std::string_view header = "Content-Type: application/json");
    /// An answer in pieces: `begin`, any number of `piece`, `end`.
    bool begin(std::string_view header = "Content-Type: application/json");
    bool piece(std::string_view text);
    bool end();
};

/// An HTTP/1.1 server on a free port of loopback that plays what a test wrote: for each request it calls the play, on
/// the thread of that connection. Connections are kept until the play cuts them.
class PlayedServer {
public:
    using Play = std::function<void(const AskedRequest&, Wire&)>;
    /// Over TLS; clients may show certificates of `clients`.
    PlayedServer(const KeyPair& identity, const std::string& clients, Play play);
    /// Without TLS.
    explicit PlayedServer(Play play);
    ~PlayedServer();

    std::string peer() const; ///< `127.0.0.1:port`
    std::string url(std::string_view path = "") const;
    /// Every request so far.
    std::vector<AskedRequest> asked() const;
    std::size_t connections() const;
    /// Protocols that the last client offered for TLS, and the name that it asked for.
    std::string offeredProtocols() const;
    std::string askedName() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace perch::test
