#include "core/http/listening_socket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <linux/filter.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace perch::http {

namespace {

constexpr int kSocketType = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

Error socketError(const std::string& place) {
    Error error = errno == EACCES || errno == EPERM
                      ? fail(ErrorCode::Denied, "Not allowed to listen on {}.", place)
                      : fail(ErrorCode::Unavailable, "Cannot listen on {}: {}.", place, std::strerror(errno));
    error.where = place;
    return error;
}

bool somebodyListens(const sockaddr_un& address) {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(probe);
    return connected;
}

} // namespace

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_family(other.m_family),
      m_port(other.m_port),
      m_file(std::exchange(other.m_file, {})) {}

ListeningSocket::~ListeningSocket() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    if (!m_file.empty())
        ::unlink(m_file.c_str());
}

int ListeningSocket::releaseDescriptor() {
    return std::exchange(m_descriptor, -1);
}

Result<ListeningSocket> ListeningSocket::onPort(const std::string& address, std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1)
        return fail(ErrorCode::InvalidInput, "\"{}\" is not an IPv4 address to listen on.", address);
    const std::string place = fmt::format("{}:{}", address, port);
    ListeningSocket socket(::socket(AF_INET, kSocketType, 0), AF_INET);
    const int yes = 1;
    ::setsockopt(socket.m_descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(socket.m_descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0 ||
        ::listen(socket.m_descriptor, SOMAXCONN) != 0) {
        if (errno != EADDRINUSE)
            return socketError(place);
        Error error = fail(ErrorCode::Unavailable, "Port {} on {} is already in use by another program.", port, address);
        error.where = place;
        return error;
    }
    socklen_t size = sizeof name;
    ::getsockname(socket.m_descriptor, reinterpret_cast<sockaddr*>(&name), &size);
    socket.m_port = ntohs(name.sin_port);
    return socket;
}

Result<ListeningSocket> ListeningSocket::onFile(const std::filesystem::path& file) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    const std::string& path = file.native();
    if (path.size() >= sizeof name.sun_path)
        return fail(ErrorCode::InvalidInput, "The path of the socket {} is longer than {} characters.", path,
            sizeof name.sun_path - 1);
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        if (!S_ISSOCK(status.st_mode))
            return fail(ErrorCode::Conflict, "{} exists and is not a socket.", path);
        if (somebodyListens(name))
            return fail(ErrorCode::Unavailable, "The socket {} is already in use by another program.", path);
        ::unlink(path.c_str());
    }
    ListeningSocket socket(::socket(AF_UNIX, kSocketType, 0), AF_UNIX);
    // The mode of the descriptor becomes the mode of the file: it is never readable for others, not even briefly.
    ::fchmod(socket.m_descriptor, S_IRUSR | S_IWUSR);
    if (::bind(socket.m_descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return socketError(path);
    socket.m_file = file;
    if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.m_descriptor, SOMAXCONN) != 0)
        return socketError(path);
    return socket;
}

void refuseNewConnections(int descriptor) {
    constexpr std::uint32_t kFlagsOffset = 13, kSyn = 2;
    sock_filter dropSyn[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, kFlagsOffset),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kSyn, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff)};
    const sock_fprog program{std::size(dropSyn), dropSyn};
    ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

} // namespace perch::http
