#include "tests/support/servers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <regex>

namespace perch::test {

namespace {

constexpr const char* kPostgresUser = "postgres";
constexpr std::chrono::seconds kStartDeadline{60};

/// Runs a command to its end; its output.
Result<std::string> output(const std::vector<std::string>& command) {
    const Folder folder;
    const std::filesystem::path log = folder / "log";
    ServerProcess process(command, log);
    if (!waitUntil([&] { return !process.running(); }, std::chrono::seconds(300)))
        return fail(ErrorCode::Timeout, "{} does not end.", command.front());
    return process.said();
}

/// The newest installed version of PostgreSQL's programs.
std::filesystem::path postgresPrograms() {
    std::filesystem::path newest;
    std::error_code none;
    int newestVersion = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
        const int version = std::atoi(entry.path().filename().c_str());
        if (version > newestVersion && std::filesystem::exists(entry.path() / "bin/initdb")) {
            newestVersion = version;
            newest = entry.path() / "bin";
        }
    }
    return newest;
}

/// PostgreSQL refuses to run as root.
std::vector<std::string> asPostgres(std::vector<std::string> command) {
    if (::geteuid() == 0)
        command.insert(command.begin(), {"runuser", "-u", kPostgresUser, "--"});
    return command;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

} // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& command, std::filesystem::path log,
                             const std::vector<std::string>& environment)
    : m_log(std::move(log)) {
    std::vector<char*> arguments;
    for (const std::string& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    std::vector<char*> variables;
    for (const std::string& variable : environment)
        variables.push_back(const_cast<char*>(variable.c_str()));
    for (char** variable = environ; *variable != nullptr; ++variable)
        variables.push_back(*variable);
    variables.push_back(nullptr);
    const int out = ::open(m_log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    m_process = ::fork();
    if (m_process == 0) {
        ::setpgid(0, 0);
        ::dup2(in, 0);
        ::dup2(out, 1);
        ::dup2(out, 2);
        ::execvpe(arguments[0], arguments.data(), variables.data());
        ::_exit(127);
    }
    ::setpgid(m_process, m_process);
    ::close(out);
    ::close(in);
}

ServerProcess::~ServerProcess() {
    if (m_process <= 0)
        return;
    ::kill(-m_process, SIGINT);
    if (!waitUntil([this] { return !running(); }, std::chrono::seconds(10)))
        ::kill(-m_process, SIGKILL);
    if (m_process > 0)
        ::waitpid(m_process, nullptr, 0);
}

bool ServerProcess::running() {
    if (m_process > 0 && ::waitpid(m_process, nullptr, WNOHANG) == m_process)
        m_process = -1;
    return m_process > 0;
}

std::string ServerProcess::said() const {
    return readFile(m_log).value_or("");
}

std::uint16_t freePort() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    const bool bound = ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(descriptor);
    return bound ? ntohs(address.sin_port) : 0;
}

bool listens(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(descriptor);
    return connected;
}

Result<std::unique_ptr<PostgresServer>> PostgresServer::start() {
    const std::filesystem::path programs = postgresPrograms();
    if (programs.empty())
        return fail(ErrorCode::NotFound, "PostgreSQL is not installed (package postgresql).");
    std::unique_ptr<PostgresServer> server(new PostgresServer);
    server->m_folder = std::make_unique<Folder>();
    const std::filesystem::path folder = server->m_folder->path() / "postgres";
    std::filesystem::create_directory(folder);
    if (::geteuid() == 0) {
        std::filesystem::permissions(server->m_folder->path(), std::filesystem::perms(0711));
        TRY(output({"chown", kPostgresUser, folder.string()}));
    }
    const std::string data = (folder / "data").string();
    const std::string made =
        TRY(output(asPostgres({(programs / "initdb").string(), "-D", data, "-A", "trust", "-U", "owner", "-E", "UTF8",
                               "--locale=C", "--no-sync"})));
    if (!std::filesystem::exists(data + "/PG_VERSION") && ::geteuid() != 0)
        return fail(ErrorCode::Unavailable, "initdb failed: {}", made);
    // The reader needs its password; the owner comes in by the socket in the private folder.
    std::ofstream(folder.parent_path() / "pg_hba.conf") << "local all owner trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    std::filesystem::permissions(folder.parent_path() / "pg_hba.conf", std::filesystem::perms(0644));
    server->m_port = freePort();
    server->m_process = std::make_unique<ServerProcess>(
        asPostgres({(programs / "postgres").string(), "-D", data, "-p", std::to_string(server->m_port), "-c",
                    "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + folder.string(), "-c",
                    "hba_file=" + (folder.parent_path() / "pg_hba.conf").string(), "-c", "fsync=off"}),
        server->m_folder->path() / "log");
    if (!waitUntil([&] { return listens(server->m_port) || !server->m_process->running(); }, kStartDeadline) ||
        !server->m_process->running())
        return fail(ErrorCode::Unavailable, "PostgreSQL does not start: {}", server->m_process->said());
    if (!waitUntil([&] { return server->m_process->said().find("ready to accept") != std::string::npos; }))
        return fail(ErrorCode::Unavailable, "PostgreSQL is not ready: {}", server->m_process->said());
    TRY(output({"psql", "-h", folder.string(), "-p", std::to_string(server->m_port), "-U", "owner", "-d", "postgres",
                "-c", "CREATE DATABASE shop"}));
    server->run("CREATE ROLE reader LOGIN PASSWORD 'geheim'; GRANT pg_read_all_data TO reader");
    return server;
}

std::string PostgresServer::connection() const {
    return fmt::format("host=127.0.0.1 port={} dbname=shop user=reader", m_port);
}

void PostgresServer::run(const std::string& sql) {
    const Result<std::string> said =
        output({"psql", "-h", (m_folder->path() / "postgres").string(), "-p", std::to_string(m_port), "-U", "owner",
                "-d", "shop", "-v", "ON_ERROR_STOP=1", "-q", "-c", sql});
    ASSERT_TRUE(succeeded(said));
    EXPECT_EQ(said->find("ERROR"), std::string::npos) << *said;
    EXPECT_EQ(said->find("error:"), std::string::npos) << *said;
}

Result<std::unique_ptr<S3Server>> S3Server::start() {
    const std::string said = TRY(output({(sourceFolder() / "scripts/s3-server").string()}));
    const std::string binary = said.substr(0, said.find_last_not_of('\n') + 1).substr(
        said.rfind('\n', said.find_last_not_of('\n')) == std::string::npos
            ? 0
            : said.rfind('\n', said.find_last_not_of('\n')) + 1);
    if (!std::filesystem::exists(binary))
        return fail(ErrorCode::NotFound, "{}", said);
    std::unique_ptr<S3Server> server(new S3Server);
    server->m_port = freePort();
    std::filesystem::create_directories(server->root() / "shop");
    server->m_process = std::make_unique<ServerProcess>(
        std::vector<std::string>{binary, "--quiet", "--port", fmt::format("127.0.0.1:{}", server->m_port), "posix",
                                 server->root().string()},
        server->m_folder / "log",
        std::vector<std::string>{fmt::format("ROOT_ACCESS_KEY={}", kAccess),
                                 fmt::format("ROOT_SECRET_KEY={}", kSecret)});
    if (!waitUntil([&] { return listens(server->m_port) || !server->m_process->running(); }, kStartDeadline) ||
        !server->m_process->running())
        return fail(ErrorCode::Unavailable, "The S3 server does not start: {}", server->m_process->said());
    return server;
}

std::filesystem::path S3Server::root() const {
    return m_folder.path() / "objects";
}

std::string S3Server::endpoint() const {
    return fmt::format("http://127.0.0.1:{}", m_port);
}

void S3Server::put(const std::string& key, std::string_view bytes) {
    const std::filesystem::path file = root() / key;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
}

Result<std::unique_ptr<ShopifyServer>> ShopifyServer::start(const std::filesystem::path& data,
                                                            const std::vector<std::string>& flags) {
    std::unique_ptr<ShopifyServer> server(new ShopifyServer);
    std::vector<std::string> command = {"python3", (sourceFolder() / "tests/support/shopify_server.py").string(),
                                        "--data", data.string(), "--token", kToken};
    command.insert(command.end(), flags.begin(), flags.end());
    server->m_process = std::make_unique<ServerProcess>(command, server->m_folder / "log");
    std::smatch found;
    std::string said;
    const bool started = waitUntil(
        [&] {
            said = server->m_process->said();
            return std::regex_search(said, found, std::regex("port ([0-9]+)\n")) || !server->m_process->running();
        },
        kStartDeadline);
    if (!started || found.empty())
        return fail(ErrorCode::NotFound, "The Shopify server does not start: {}", said);
    server->m_port = static_cast<std::uint16_t>(std::stoi(found[1].str()));
    return server;
}

std::string ShopifyServer::url(std::string_view resource) const {
    return fmt::format("http://127.0.0.1:{}/admin/api/2024-10/{}.json", m_port, resource);
}

} // namespace perch::test
