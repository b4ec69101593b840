#include "core/data/read_table.h"
#include "tests/server/server_program.h"
#include "tests/serving/serving_fixture.h"
#include "tests/support/load.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace perch::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

/// What the system keeps for a client that does not read.
enum class Buffer { Usual, Small };

/// A non-blocking connection to the server that misbehaves.
class Client {
public:
    explicit Client(std::uint16_t port, Buffer buffer = Buffer::Usual)
        : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const int size = 4'096;
        if (buffer == Buffer::Small)
            ::setsockopt(m_socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        (void)::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    Client(Client&& other) noexcept : m_socket(std::exchange(other.m_socket, -1)) {}
    ~Client() {
        if (m_socket >= 0)
            ::close(m_socket);
    }
    /// How many bytes the system took; 0 if none fit now or the peer is gone.
    std::size_t send(std::string_view bytes) {
        const ssize_t size = ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    std::string received() {
        char bytes[4096];
        ssize_t size = 0;
        while ((size = ::recv(m_socket, bytes, sizeof bytes, 0)) > 0)
            m_received.append(bytes, static_cast<std::size_t>(size));
        m_closed = m_closed || size == 0 || (errno != EAGAIN && errno != EINTR && errno != ENOTCONN);
        return m_received;
    }
    bool closed() {
        (void)received();
        return m_closed;
    }

private:
    int m_socket;
    std::string m_received;
    bool m_closed = false;
};

/// The program with a model, and a proper client whose requests go on all the time.
class HostileClients : public testing::Test {
protected:
    void serve(std::vector<std::string> further = {}) {
        std::vector<std::string> arguments = {"--package", m_churn.package.string(), "--version", "v2",
                                              "--parent-death"};
        arguments.insert(arguments.end(), further.begin(), further.end());
        m_program = std::make_unique<Program>(arguments);
        const std::string line = m_program->readyLine();
        ASSERT_FALSE(line.empty()) << m_program->errors();
        const json ready = json::parse(line);
        m_port = ready["port"];
        m_metricsPort = ready["metrics_port"];
    }
    void startProperClient() {
        m_body = json{{"inputs", m_churn.row(0)}}.dump();
        m_proper = LoadGenerator::start(
            {.port = m_port, .connections = 2, .requestsPerSecond = 200, .next = [this](std::uint64_t) {
                 return LoadRequest{"/predict_churn", m_body};
             }});
        goesOn();
    }
    /// Waits until the proper client got further answers.
    void goesOn(std::uint64_t answers = 50) {
        const std::uint64_t before = m_proper->report().answered;
        ASSERT_TRUE(waitUntil([&] { return m_proper->report().answered > before + answers; }));
    }
    void expectNothingLost() {
        const LoadReport report = m_proper->stop();
        EXPECT_EQ(report.lost, 0U) << report.text();
        EXPECT_EQ(report.ok, report.sent) << report.text();
    }
    std::uint64_t memoryKilobytes() const {
        std::ifstream status(fmt::format("/proc/{}/status", m_program->pid()));
        for (std::string line; std::getline(status, line);) {
            if (line.starts_with("VmHWM:"))
                return std::stoull(line.substr(6));
        }
        return 0;
    }

    const ServedChurn& m_churn = ServedChurn::instance();
    RealClock m_clock;
    std::unique_ptr<Program> m_program;
    std::uint16_t m_port = 0, m_metricsPort = 0;
    std::string m_body;
    std::unique_ptr<LoadGenerator> m_proper;
};

TEST_F(HostileClients, SlowLorisIsEndedAndNobodyElseNotices) {
    serve();
    startProperClient();
    std::vector<Client> lorises;
    for (int i = 0; i < 300; ++i)
        lorises.emplace_back(m_port);
    const std::string header = "POST /predict_churn HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\nX-Slow: ";
    std::size_t step = 0;
    const auto drip = [&] {
        for (Client& loris : lorises)
            loris.send(step < header.size() ? std::string_view(header).substr(step, 1) : "a");
        ++step;
        return std::ranges::all_of(lorises, [](Client& loris) { return loris.closed(); });
    };
    EXPECT_TRUE(waitUntil(drip, std::chrono::seconds(60)));
    for (Client& loris : lorises)
        EXPECT_THAT(loris.received(), HasSubstr("HTTP/1.1 408"));
    goesOn();
    expectNothingLost();
}

TEST_F(HostileClients, WhoNeverReadsHoldsNobodyUp) {
    serve();
    startProperClient();
    std::vector<Client> deaf;
    for (int i = 0; i < 30; ++i)
        deaf.emplace_back(m_port, Buffer::Small);
    const std::string request =
        fmt::format("POST /predict_churn HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", m_body.size(), m_body);
    // Until the server, whose answers nobody takes, stops to read; half a request may be on its way then.
    std::vector<std::size_t> sent(deaf.size());
    std::size_t rounds = 0;
    const auto full = [&] {
        bool any = false;
        for (std::size_t i = 0; i < deaf.size(); ++i) {
            const std::string_view rest = std::string_view(request).substr(sent[i] % request.size());
            const std::size_t taken = deaf[i].send(rest);
            sent[i] += taken;
            any = any || taken > 0;
        }
        return !any || ++rounds > 5'000;
    };
    EXPECT_TRUE(waitUntil(full, std::chrono::seconds(60)));
    goesOn();
    expectNothingLost();
}

TEST_F(HostileClients, ABodyOfAGigabyteIsRefusedAtOnce) {
    serve();
    startProperClient();
    const std::uint64_t before = memoryKilobytes();
    Client announced(m_port), chunked(m_port);
    ASSERT_TRUE(waitUntil([&] {
        return announced.send("POST /predict_churn HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n") > 0;
    }));
    EXPECT_TRUE(waitUntil([&] { return announced.received().find("HTTP/1.1 413") != std::string::npos; }));
    ASSERT_TRUE(waitUntil([&] {
        return chunked.send("POST /predict_churn HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") > 0;
    }));
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    std::size_t sent = 0, idle = 0;
    const auto pour = [&] {
        const std::size_t size = chunked.send(std::string_view(chunk).substr(sent % chunk.size()));
        sent += size;
        idle = size == 0 ? idle + 1 : 0;
        return sent > 1'000'000'000 || chunked.closed();
    };
    EXPECT_TRUE(waitUntil(
        [&] { // many sends for each look at the clock
            for (int i = 0; i < 200; ++i) {
                if (pour())
                    return true;
            }
            return false;
        },
        std::chrono::seconds(60)));
    EXPECT_THAT(chunked.received(), HasSubstr("HTTP/1.1 413"));
    EXPECT_LT(memoryKilobytes(), before + 200'000) << "the body is not kept";
    goesOn();
    expectNothingLost();
}

TEST_F(HostileClients, TenThousandIdleConnectionsKeepNobodyOut) {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    // The server needs some too, but never more than its own limit of connections.
    const std::size_t wanted = std::min<std::size_t>(10'000, limit.rlim_cur - 200);
    serve();
    startProperClient();
    std::vector<Client> idle;
    for (std::size_t i = 0; i < wanted; ++i) {
        idle.emplace_back(m_port);
        if (i % 1'000 == 999)
            goesOn(5);
    }
    RecordProperty("connections", static_cast<int>(wanted));
    // Thousands wait to be accepted before it; it must get its turn, however long that takes a busy machine.
    http::Client other({.connectDeadline = std::chrono::seconds(60)});
    const std::string url = fmt::format("http://127.0.0.1:{}/predict_churn", m_port);
    const http::Request request{.method = "POST", .url = url, .body = m_body, .deadline = std::chrono::seconds(60)};
    EXPECT_EQ(valueOf(other.send(request)).status, 200);
    goesOn();
    expectNothingLost();
}

TEST_F(HostileClients, PromtoolFindsNothingWrongWithTheMetrics) {
    const Folder folder;
    std::ofstream(folder / "perch.yaml") << "model: churn\nserving: {log: {features: [tenure], file_age: 1s}, "
                                            "lookup: {file: features.db, max_age: 26h}, "
                                            "route: {field: kind, models: {x: churn}}}\n";
    writeLookupTable(folder / "features.db", {.columns = {{"tenure", "number"}}, .rows = {{"anna", {30}}}});
    serve({"--config", (folder / "perch.yaml").string(), "--log-dir", (folder / "log").string()});
    startProperClient();
    http::Client client;
    const auto scrape = valueOf(client.send({.url = fmt::format("http://127.0.0.1:{}/metrics", m_metricsPort)}));
    std::ofstream(folder / "metrics") << scrape.body;
    FILE* pipe = ::popen(fmt::format("promtool check metrics < '{}' 2>&1", (folder / "metrics").string()).c_str(), "r");
    std::string said;
    char bytes[1024];
    while (std::fgets(bytes, sizeof bytes, pipe) != nullptr)
        said += bytes;
    EXPECT_EQ(::pclose(pipe), 0) << said;
    EXPECT_EQ(said, "");
    EXPECT_THAT(scrape.body, HasSubstr("ml_lookup_rows_total{"));
    EXPECT_THAT(scrape.body, HasSubstr("ml_lookup_age_seconds{"));
    expectNothingLost();
}

TEST_F(HostileClients, AKilledServerLeavesOnlyWholeLogFiles) {
    const Folder folder;
    std::ofstream(folder / "perch.yaml")
        << "model: churn\nserving: {log: {features: [tenure, contract], file_age: 1s}}\n";
    for (int round = 0; round < 3; ++round) {
        serve({"--config", (folder / "perch.yaml").string(), "--log-dir", (folder / "log").string()});
        startProperClient();
        const auto files = [&] {
            std::size_t count = 0;
            if (std::filesystem::exists(folder / "log"))
                for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "log"))
                    count += entry.path().extension() == ".parquet";
            return count;
        };
        const std::size_t before = files();
        ASSERT_TRUE(waitUntil([&] { return files() >= before + 2; }));
        m_program->signal(SIGKILL);
        EXPECT_EQ(m_program->exitCode(), -1);
        m_proper->stop();
    }
    const data::Table table = valueOf(
        data::readTable(data::sourceOfPath((folder / "log/churn/v2/*.parquet").string()), {.clock = &m_clock},
                        {.declared = {{"request_id", data::FieldType::Category}}, .maximumCategories = 1'000'000}));
    EXPECT_GT(table.rows, 100U);
    EXPECT_EQ(table.columns.back().missing, 0U);
}

} // namespace
} // namespace perch::test
