#include "tests/support/load.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cerrno>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace perch::test {

namespace {

using std::chrono::steady_clock;
constexpr std::size_t kLatencyLimit = 10'000'000;

struct Connection {
    int socket = -1;
    bool busy = false; ///< a request was begun and its answer is not complete
    std::uint64_t index = 0;
    std::string output;
    std::size_t written = 0;
    std::string input;
    steady_clock::time_point begun;
    steady_clock::time_point notBefore; ///< after a refused connection
};

struct Answer {
    int status = 0;
    bool closes = false;
    std::string_view body;
};

/// The answer at the front of `input`, once it is whole. Answers to this generator always carry a length.
std::optional<Answer> wholeAnswer(std::string_view input) {
    const auto end = input.find("\r\n\r\n");
    if (end == std::string_view::npos)
        return std::nullopt;
    std::string header(input.substr(0, end + 2));
    std::ranges::transform(header, header.begin(), [](unsigned char letter) { return std::tolower(letter); });
    std::size_t length = 0;
    if (const auto at = header.find("\r\ncontent-length:"); at != std::string::npos) {
        const char* digits = header.data() + at + 17;
        while (*digits == ' ')
            ++digits;
        std::from_chars(digits, header.data() + header.size(), length);
    }
    if (input.size() < end + 4 + length)
        return std::nullopt;
    Answer answer;
    std::from_chars(header.data() + 9, header.data() + 12, answer.status);
    answer.closes = header.find("\r\nconnection: close") != std::string::npos;
    answer.body = input.substr(end + 4, length);
    return answer;
}

std::string_view versionIn(std::string_view body) {
    static constexpr std::string_view kKey = "\"model_version\":\"";
    const auto at = body.find(kKey);
    if (at == std::string_view::npos)
        return {};
    const auto begin = at + kKey.size();
    return body.substr(begin, body.find('"', begin) - begin);
}

} // namespace

std::string LoadReport::text() const {
    std::string text = fmt::format("{} requests in {:.1f} s: {:.0f}/s, p50 {:.3f} ms, p99 {:.3f} ms, max {:.1f} ms; {} ok, "
                                   "{} lost, {} refused connections",
        sent, seconds, perSecond(), p50Ms, p99Ms, maximumMs, ok, lost, refused);
    for (const auto& [status, count] : failedByStatus)
        text += fmt::format("; {} x {}", count, status);
    for (const auto& [version, count] : byVersion)
        text += fmt::format("; {} {:.2f} %", version, 100.0 * static_cast<double>(count) / static_cast<double>(answered));
    if (!firstFailure.empty())
        text += "; first failure: " + firstFailure;
    return text;
}

struct LoadGenerator::State {
    explicit State(Options chosen)
        : options(std::move(chosen)),
          connections(options.connections),
          poll(::epoll_create1(EPOLL_CLOEXEC)),
          begin(steady_clock::now()) {
        thread = std::jthread([this](std::stop_token stop) { run(stop); });
    }
    ~State() {
        if (thread.joinable()) {
            thread.request_stop();
            thread.join();
        }
        ::close(poll);
    }

    void run(const std::stop_token& stop);
    bool due() const;
    void open(Connection& connection);
    void beginRequest(Connection& connection);
    void write(Connection& connection);
    void read(Connection& connection);
    void finish(Connection& connection, const Answer& answer);
    void drop(Connection& connection);

    const Options options;
    std::vector<Connection> connections;
    int poll = -1;
    const steady_clock::time_point begin;
    std::uint64_t count = 0; ///< requests begun
    mutable std::mutex mutex; ///< guards what follows
    LoadReport sums;
    std::vector<float> latencies;
    std::jthread thread;
};

bool LoadGenerator::State::due() const {
    if (options.requestsPerSecond <= 0)
        return true;
    const std::chrono::duration<double> elapsed = steady_clock::now() - begin;
    return static_cast<double>(count) < elapsed.count() * options.requestsPerSecond;
}

void LoadGenerator::State::open(Connection& connection) {
    connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(options.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // On loopback a connection is made or refused at once, so this need not be asynchronous.
    if (::connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(connection.socket);
        connection.socket = -1;
        connection.notBefore = steady_clock::now() + std::chrono::milliseconds(20);
        const std::lock_guard lock(mutex);
        ++sums.refused;
        return;
    }
    const int yes = 1;
    ::setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, connection.socket, &event);
}

void LoadGenerator::State::beginRequest(Connection& connection) {
    connection.index = count++;
    const LoadRequest request = options.next(connection.index);
    connection.output = fmt::format("{} {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                                    "Content-Length: {}\r\n{}\r\n{}",
        request.method, request.path, request.body.size(), request.headers, request.body);
    connection.written = 0;
    connection.input.clear();
    connection.busy = true;
    connection.begun = steady_clock::now();
    {
        const std::lock_guard lock(mutex);
        ++sums.sent;
    }
    write(connection);
}

void LoadGenerator::State::write(Connection& connection) {
    while (connection.written < connection.output.size()) {
        const ssize_t size = ::send(connection.socket, connection.output.data() + connection.written,
            connection.output.size() - connection.written, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return; // the answer may still be there to read; the read decides
        connection.written += static_cast<std::size_t>(size);
    }
}

void LoadGenerator::State::read(Connection& connection) {
    char bytes[16 * 1024];
    const ssize_t size = ::recv(connection.socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        return drop(connection);
    connection.input.append(bytes, static_cast<std::size_t>(size));
    if (const auto answer = wholeAnswer(connection.input); answer && connection.busy)
        finish(connection, *answer);
}

void LoadGenerator::State::finish(Connection& connection, const Answer& answer) {
    const std::chrono::duration<float, std::milli> latency = steady_clock::now() - connection.begun;
    connection.busy = false;
    {
        const std::lock_guard lock(mutex);
        ++sums.answered;
        if (latencies.size() < kLatencyLimit)
            latencies.push_back(latency.count());
        if (answer.status >= 200 && answer.status < 300) {
            ++sums.ok;
        } else {
            if (sums.failedByStatus.empty())
                sums.firstFailure = fmt::format("{} {}", answer.status, answer.body.substr(0, 300));
            ++sums.failedByStatus[answer.status];
        }
        if (const auto version = versionIn(answer.body); !version.empty())
            ++sums.byVersion[std::string(version)];
    }
    if (options.onAnswer)
        options.onAnswer(connection.index, answer.status, answer.body);
    if (answer.closes)
        drop(connection);
}

void LoadGenerator::State::drop(Connection& connection) {
    ::close(connection.socket);
    connection.socket = -1;
    if (std::exchange(connection.busy, false)) {
        const std::lock_guard lock(mutex);
        ++sums.lost;
    }
}

void LoadGenerator::State::run(const std::stop_token& stop) {
    steady_clock::time_point end = steady_clock::time_point::max();
    std::vector<epoll_event> events(options.connections + 1);
    for (;;) {
        bool busy = false;
        for (Connection& connection : connections) {
            const auto now = steady_clock::now();
            const bool wanted = !stop.stop_requested() && !connection.busy && now >= connection.notBefore && due();
            if (wanted && connection.socket < 0)
                open(connection);
            if (wanted && connection.socket >= 0)
                beginRequest(connection);
            busy = busy || connection.busy;
        }
        if (stop.stop_requested() && end == steady_clock::time_point::max())
            end = steady_clock::now() + std::chrono::seconds(10);
        if (stop.stop_requested() && (!busy || steady_clock::now() > end))
            break;
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 1);
        for (int i = 0; i < ready; ++i)
            read(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    for (Connection& connection : connections) {
        if (connection.socket >= 0)
            drop(connection);
    }
    const std::lock_guard lock(mutex);
    sums.seconds = std::chrono::duration<double>(steady_clock::now() - begin).count();
}

LoadGenerator::LoadGenerator(std::unique_ptr<State> state)
    : m_state(std::move(state)) {}
LoadGenerator::~LoadGenerator() = default;

std::unique_ptr<LoadGenerator> LoadGenerator::start(Options options) {
    return std::unique_ptr<LoadGenerator>(new LoadGenerator(std::make_unique<State>(std::move(options))));
}

LoadReport LoadGenerator::report() const {
    std::vector<float> sorted;
    LoadReport report;
    {
        const std::lock_guard lock(m_state->mutex);
        report = m_state->sums;
        sorted = m_state->latencies;
    }
    if (report.seconds == 0)
        report.seconds = std::chrono::duration<double>(steady_clock::now() - m_state->begin).count();
    if (!sorted.empty()) {
        std::ranges::sort(sorted);
        report.p50Ms = sorted[sorted.size() / 2];
        report.p99Ms = sorted[sorted.size() * 99 / 100];
        report.maximumMs = sorted.back();
    }
    return report;
}

LoadReport LoadGenerator::stop() {
    m_state->thread.request_stop();
    if (m_state->thread.joinable())
        m_state->thread.join();
    return report();
}

} // namespace perch::test
