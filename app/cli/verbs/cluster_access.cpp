#include "app/cli/verbs/cluster_access.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <unistd.h>

namespace perch::cli {

namespace {

/// As kubectl: a Pod without a kubeconfig is a client of its own cluster.
Result<kube::KubeAccess> chosenAccess(const ClusterChoice& choice) {
    const Result<kube::Kubeconfig> config =
        kube::loadKubeconfig(choice.file, environmentText("KUBECONFIG"), environmentText("HOME"));
    if (config)
        return kube::kubeAccess(*config, choice.context);
    const std::string host = environmentText("KUBERNETES_SERVICE_HOST");
    if (config.error().code != ErrorCode::NotFound || host.empty() || !choice.file.empty() || !choice.context.empty())
        return config.error();
    return kube::inClusterAccess(host, environmentText("KUBERNETES_SERVICE_PORT"));
}

/// Both spellings are in use.
std::string proxyVariable(const char* upper, const char* lower) {
    std::string value = environmentText(upper);
    return value.empty() ? environmentText(lower) : value;
}

} // namespace

std::string environmentText(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

void addClusterOptions(CLI::App& verb, const std::shared_ptr<ClusterChoice>& choice) {
    verb.add_option("--kubeconfig", choice->file, "This file instead of those in KUBECONFIG or ~/.kube/config");
    verb.add_option("--context", choice->context, "This context instead of the current one");
    verb.add_option("-n,--namespace", choice->nameSpace, "This namespace instead of the context's");
}

Result<std::shared_ptr<kube::ApiSession>> openSession(const Context& context, const ClusterChoice& choice) {
    kube::KubeAccess access = TRY(chosenAccess(choice));
    if (!choice.nameSpace.empty())
        access.nameSpace = choice.nameSpace;
    kube::ApiOptions options{.path = environmentText("PATH"),
                             .proxy = proxyVariable("HTTPS_PROXY", "https_proxy"),
                             .noProxy = proxyVariable("NO_PROXY", "no_proxy")};
    if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0)
        options.terminal = kube::Program::Terminal::Yes;
    return kube::ApiSession::open(std::move(access), std::move(options), *context.clock);
}

} // namespace perch::cli
