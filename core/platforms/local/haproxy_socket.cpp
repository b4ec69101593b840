#include "core/platforms/local/haproxy_socket.h"

#include "core/base/file.h"
#include "core/base/utf8.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace perch::local {

namespace {

constexpr std::chrono::milliseconds kDeadline{2'000};

class Descriptor {
public:
    explicit Descriptor(int value) : m_value(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (m_value >= 0)
            ::close(m_value);
    }
    int value() const { return m_value; }

private:
    int m_value;
};

Error unreachable(const std::filesystem::path& socket) {
    return fail(ErrorCode::Unavailable, "HAProxy does not answer at {}: {}.", socket.string(), std::strerror(errno));
}

/// The name of a socket is limited to 107 bytes; a longer path is reached through its folder's descriptor.
bool connectTo(int descriptor, const std::filesystem::path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const Descriptor folder(::open(socket.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (folder.value() < 0)
        return false;
    const std::string name =
        fmt::format("/proc/self/fd/{}/{}", folder.value(), socket.filename().string()).substr(0, 107);
    std::memcpy(address.sun_path, name.c_str(), name.size());
    return ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::vector<std::string> splitBy(const std::string& line, char separator) {
    std::vector<std::string> parts;
    std::istringstream stream(line);
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(part);
    return parts;
}

std::vector<std::string> lines(const std::string& text) {
    return splitBy(text, '\n');
}

int toInteger(const std::string& text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

const char* stateWord(RouterServer::State state) {
    switch (state) {
    case RouterServer::State::Ready:
        return "ready";
    case RouterServer::State::Drain:
        return "drain";
    case RouterServer::State::Maintenance:
        break;
    }
    return "maint";
}

/// HAProxy answers most changes with an empty line; anything else is its complaint.
Result<void> expectSilence(const std::string& answer, std::string_view line) {
    for (const std::string& part : lines(answer)) {
        if (!part.empty() && part != "1")
            return fail(ErrorCode::Unavailable, "HAProxy refused \"{}\": {}", line, shownText(part));
    }
    return {};
}

} // namespace

Result<std::string> HaproxySocket::command(std::string_view line) const {
    const Descriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connection.value() < 0 || !connectTo(connection.value(), m_socket))
        return unreachable(m_socket);
    const std::string request = std::string(line) + "\n";
    if (::send(connection.value(), request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request))
        return unreachable(m_socket);
    std::string answer;
    char buffer[1 << 14];
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd wait{connection.value(), POLLIN, 0};
        const int ready = left.count() > 0 ? ::poll(&wait, 1, static_cast<int>(left.count())) : 0;
        if (ready == 0)
            return fail(ErrorCode::Timeout, "HAProxy did not answer \"{}\" within {} ms.", line, kDeadline.count());
        const ssize_t count = ready < 0 ? -1 : ::recv(connection.value(), buffer, sizeof buffer, 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return unreachable(m_socket);
        if (count == 0)
            return answer;
        answer.append(buffer, static_cast<std::size_t>(count));
    }
}

Result<SplitMap> HaproxySocket::splits() const {
    SplitMap splits;
    for (const std::string& line : lines(TRY(command("show map split.map")))) {
        const std::vector<std::string> parts = splitBy(line, ' '); // 0x55..., key, value
        if (parts.size() == 3)
            splits[TRY(ModelName::parse(parts[1]))] = TRY(SplitTarget::parse(parts[2]));
        else if (!line.empty())
            return fail(ErrorCode::Unavailable, "HAProxy has no traffic split: {}", shownText(line));
    }
    return splits;
}

Result<void> HaproxySocket::setSplit(const ModelName& model, const SplitTarget& target) const {
    std::string line = fmt::format("set map split.map {} {}", model.text(), target.text());
    std::string answer = TRY(command(line));
    if (answer.find("not found") != std::string::npos) {
        line.replace(0, 3, "add");
        answer = TRY(command(line));
    }
    TRY(expectSilence(answer, line));
    const SplitMap after = TRY(splits());
    const auto found = after.find(model);
    if (found == after.end() || found->second != target) {
        return fail(ErrorCode::Internal, "HAProxy holds the split {} of {} after it was told {}.",
            found == after.end() ? "none" : found->second.text(), model.text(), target.text());
    }
    return {};
}

Result<std::vector<ObservedServer>> HaproxySocket::servers() const {
    constexpr int kForcedMaintenance = 1, kForcedDrain = 8;
    constexpr int kRunning = 2;
    std::vector<ObservedServer> servers;
    for (const std::string& line : lines(TRY(command("show servers state")))) {
        const std::vector<std::string> parts = splitBy(line, ' ');
        if (parts.size() < 19 || parts[0] == "#" || parts[1] == "truth")
            continue;
        const int admin = toInteger(parts[6]);
        ObservedServer observed;
        observed.server = {parts[1], parts[3], static_cast<std::uint16_t>(toInteger(parts[18])),
            (admin & kForcedMaintenance) != 0 ? RouterServer::State::Maintenance
            : (admin & kForcedDrain) != 0     ? RouterServer::State::Drain
                                              : RouterServer::State::Ready};
        observed.operational = toInteger(parts[5]) == kRunning;
        servers.push_back(std::move(observed));
    }
    return servers;
}

Result<void> HaproxySocket::addServer(const RouterServer& server) const {
    const std::string line = fmt::format("add server {} 127.0.0.1:{} {}", server.path(), server.port, kServerOptions);
    const std::string answer = TRY(command(line));
    if (!answer.starts_with("New server registered"))
        return fail(ErrorCode::Unavailable, "HAProxy refused \"{}\": {}", line, shownText(answer));
    TRY(expectSilence(TRY(command(fmt::format("enable health {}", server.path()))), "enable health"));
    return setState(server);
}

Result<void> HaproxySocket::setState(const RouterServer& server) const {
    const std::string line = fmt::format("set server {} state {}", server.path(), stateWord(server.state));
    return expectSilence(TRY(command(line)), line);
}

Result<void> HaproxySocket::removeServer(const RouterServer& server) const {
    const std::string answer = TRY(command(fmt::format("del server {}", server.path())));
    if (answer.starts_with("Server deleted") || answer.starts_with("No such server"))
        return {};
    return fail(ErrorCode::Conflict, "HAProxy still uses {}: {}", server.path(), shownText(answer));
}

Result<std::map<std::string, std::uint64_t>> HaproxySocket::sessions() const {
    std::map<std::string, std::uint64_t> sessions;
    for (const std::string& line : lines(TRY(command("show stat -1 4 -1")))) {
        const std::vector<std::string> parts = splitBy(line, ','); // pxname, svname, qcur, qmax, scur...
        if (parts.size() > 4 && !line.starts_with("#"))
            sessions[parts[0] + "/" + parts[1]] = static_cast<std::uint64_t>(toInteger(parts[4]));
    }
    return sessions;
}

} // namespace perch::local
