#include "core/base/file.h"
#include "core/http/server.h"
#include "tests/fuzz/fuzzer.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using namespace perch;

/// A server on a Unix socket that tells each request back.
class Echo {
public:
    Echo() : m_folder(*TemporaryFolder::create("perch-fuzz-")), m_socket(m_folder.path() / "s") {
        http::Server::Options options{.unixSocket = m_socket, .bodyLimit = 4'096};
        options.slow = [](const http::IncomingRequest& request) { return request.path == "/slow"; };
        options.onRefused = [](std::string_view, int status) { fuzz::require(status >= 400, "refusals are refusals"); };
        m_server = *http::Server::start(std::move(options), [](const http::IncomingRequest& request) {
            std::string told = std::string(request.method) + " " + std::string(request.path);
            told += std::string(request.query) + std::string(request.header("X-Request-Id"));
            return http::Response{200, {{"X-Told", told}}, std::string(request.body)};
        });
    }

    std::string exchange(std::string_view bytes) const {
        const int connection = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        m_socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
        fuzz::require(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
                      "the server takes connections");
        (void)::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        ::shutdown(connection, SHUT_WR);
        std::string answer;
        char part[4'096];
        for (ssize_t count = 1; count > 0 && answer.size() < (1 << 22);) {
            count = ::recv(connection, part, sizeof part, 0);
            answer.append(part, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        }
        ::close(connection);
        return answer;
    }

private:
    TemporaryFolder m_folder;
    std::filesystem::path m_socket;
    std::unique_ptr<http::Server> m_server;
};

} // namespace

/// What arrives on a connection, one request after the other. The server answers with HTTP or closes.
PERCH_FUZZER(http_request) {
    static const Echo echo;
    const std::string answer = echo.exchange(bytes.substr(0, 16'384));
    fuzz::require(answer.empty() || answer.starts_with("HTTP/1.1 "), "an answer is HTTP");
}
