#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace perch::http {

/// A bound socket that listens; owns its descriptor and, for a Unix socket, the file.
class ListeningSocket {
public:
    /// `port` 0 takes a free one. Unavailable that names the port if it is taken.
    static Result<ListeningSocket> onPort(const std::string& address, std::uint16_t port);
    /// Creates the socket file with mode 0600. A file that nobody listens on is replaced; Unavailable if somebody does.
    static Result<ListeningSocket> onFile(const std::filesystem::path& file);
    ListeningSocket(ListeningSocket&& other) noexcept;
    ~ListeningSocket();

    int descriptor() const { return m_descriptor; }
    int family() const { return m_family; }
    std::uint16_t port() const { return m_port; }
    /// Gives the descriptor away (the file is still removed by this object).
    int releaseDescriptor();

private:
    ListeningSocket(int descriptor, int family) : m_descriptor(descriptor), m_family(family) {}
    int m_descriptor = -1;
    int m_family = 0;
    std::uint16_t m_port = 0;
    std::filesystem::path m_file;
};

/// Makes the system drop what asks for a connection, so that the peer tries again and then finds nobody listening;
/// connections that are half made still complete.
void refuseNewConnections(int descriptor);

} // namespace perch::http
