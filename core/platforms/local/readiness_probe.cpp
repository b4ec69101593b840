#include "core/platforms/local/readiness_probe.h"

#include <fmt/format.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace perch::local {

ReadinessProbe::ReadinessProbe(std::uint16_t port, std::string path)
    : m_request(fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path)) {
    m_socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (m_socket >= 0 && (::connect(m_socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
                             errno == EINPROGRESS))
        m_stage = Stage::Connecting;
}

ReadinessProbe::ReadinessProbe(ReadinessProbe&& other) noexcept
    : m_stage(other.m_stage),
      m_socket(std::exchange(other.m_socket, -1)),
      m_request(std::move(other.m_request)),
      m_answer(std::move(other.m_answer)) {}

ReadinessProbe& ReadinessProbe::operator=(ReadinessProbe&& other) noexcept {
    std::swap(m_stage, other.m_stage);
    std::swap(m_socket, other.m_socket);
    std::swap(m_request, other.m_request);
    std::swap(m_answer, other.m_answer);
    return *this;
}

ReadinessProbe::~ReadinessProbe() {
    if (m_socket >= 0)
        ::close(m_socket);
}

std::optional<int> ReadinessProbe::advance() {
    constexpr std::size_t kStatusLineEnd = 12; // "HTTP/1.1 200"
    if (m_stage == Stage::Connecting) {
        pollfd wait{m_socket, POLLOUT, 0};
        if (::poll(&wait, 1, 0) == 0)
            return std::nullopt;
        const bool sent = ::send(m_socket, m_request.data(), m_request.size(), MSG_NOSIGNAL) == std::ssize(m_request);
        m_stage = sent ? Stage::Reading : Stage::Failed;
    }
    if (m_stage == Stage::Failed)
        return 0;
    char buffer[512];
    const ssize_t count = ::recv(m_socket, buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return std::nullopt;
    if (count <= 0)
        m_stage = Stage::Failed;
    else
        m_answer.append(buffer, static_cast<std::size_t>(count));
    if (m_answer.size() >= kStatusLineEnd && m_answer.starts_with("HTTP/1."))
        return std::atoi(m_answer.c_str() + 9);
    return count <= 0 ? std::optional(0) : std::nullopt;
}

} // namespace perch::local
