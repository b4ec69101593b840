#include "tests/cluster/test_cluster.h"

#include "core/kube/program_run.h"

#include <csignal>
#include <fstream>

namespace perch::test {

namespace {

constexpr std::chrono::seconds kClusterStart{180};
constexpr std::chrono::seconds kCommandDeadline{60};

Result<kube::ProgramEnd> run(const std::string& command, std::vector<std::string> arguments) {
    const char* path = std::getenv("PATH");
    return kube::runProgram(
        {.command = command, .arguments = std::move(arguments), .path = path == nullptr ? "" : path}, kCommandDeadline,
        {});
}

} // namespace

Result<std::unique_ptr<TestCluster>> TestCluster::start(const Parts& parts) {
    std::vector<std::string> command{"python3", (sourceFolder() / "tests/cluster/control_plane.py").string()};
    const auto add = [&](const std::string& part) -> Result<void> {
        const kube::ProgramEnd found = TRY(run((sourceFolder() / "scripts/control-plane").string(), {part}));
        if (found.exitCode != 0)
            return fail(ErrorCode::NotFound, "{}", found.err);
        command.insert(command.end(), {"--" + part, found.out.substr(0, found.out.find('\n'))});
        return {};
    };
    TRY(add("control-plane"));
    if (parts.nodes > 0) {
        TRY(add("kwok"));
        command.insert(command.end(), {"--nodes", std::to_string(parts.nodes)});
    }
    if (parts.rollouts == Rollouts::Yes)
        TRY(add("rollouts"));
    if (parts.gateway == Gateway::Yes)
        TRY(add("gateway"));
    TRY(run("kubectl", {"version", "--client"}));
    std::unique_ptr<TestCluster> cluster(new TestCluster);
    command.insert(command.end(), {"--folder", cluster->m_folder.path().string()});
    cluster->m_process = std::make_unique<ServerProcess>(command, cluster->m_folder / "log");
    const auto ready = [&] { return cluster->m_process->said().find("ready ") != std::string::npos; };
    waitUntil([&] { return ready() || !cluster->m_process->running(); }, kClusterStart);
    if (!ready())
        return fail(ErrorCode::Unavailable, "The control plane does not start: {}", cluster->m_process->said());
    return cluster;
}

kube::KubeAccess TestCluster::access(const std::string& user) const {
    return valueOf(kube::kubeAccess(valueOf(kube::loadKubeconfig(kubeconfig(), "", "")), user));
}

kube::ApiClient TestCluster::client(const kube::KubeAccess& access) const {
    return kube::ApiClient(valueOf(kube::ApiSession::open(access, {.path = "/usr/bin:/bin"}, m_clock)));
}

std::shared_ptr<kube::ApiSession> TestCluster::session(const std::string& user, const std::string& nameSpace) const {
    kube::KubeAccess chosen = access(user);
    chosen.nameSpace = nameSpace;
    return valueOf(kube::ApiSession::open(std::move(chosen), {.path = "/usr/bin:/bin"}, m_clock));
}

std::string TestCluster::kubectl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--kubeconfig", kubeconfig().string(), "--context", "admin"});
    const kube::ProgramEnd end = valueOf(run("kubectl", arguments));
    EXPECT_EQ(end.exitCode, 0) << testing::PrintToString(arguments) << "\n" << end.err;
    return end.out;
}

void TestCluster::apply(std::string_view document) const {
    const std::filesystem::path file = m_folder / "applied.yaml";
    std::ofstream(file) << document;
    kubectl({"apply", "-f", file.string()});
}

void TestCluster::kill(std::string_view server) const {
    const std::string process = valueOf(readFile(m_folder / (std::string(server) + ".pid")));
    ::kill(std::stoi(process), SIGKILL);
}

} // namespace perch::test
