#include "core/kube/chosen_cluster.h"

#include "core/base/environment.h"

namespace perch::kube {

namespace {

/// As kubectl: a Pod without a kubeconfig is a client of its own cluster.
Result<KubeAccess> chosenAccess(const ClusterChoice& choice) {
    const Result<Kubeconfig> config = loadChosenConfig(choice.file);
    if (config)
        return kubeAccess(*config, choice.context);
    const std::string host = environmentText("KUBERNETES_SERVICE_HOST");
    if (config.error().code != ErrorCode::NotFound || host.empty() || !choice.file.empty() || !choice.context.empty())
        return config.error();
    return inClusterAccess(host, environmentText("KUBERNETES_SERVICE_PORT"));
}

/// Both spellings are in use.
std::string proxyVariable(const char* upper, const char* lower) {
    std::string value = environmentText(upper);
    return value.empty() ? environmentText(lower) : value;
}

} // namespace

Result<Kubeconfig> loadChosenConfig(const std::string& file) {
    return loadKubeconfig(file, environmentText("KUBECONFIG"), environmentText("HOME"));
}

Result<std::shared_ptr<ApiSession>> openSession(const ClusterChoice& choice, Program::Terminal terminal,
                                                const Clock& clock) {
    KubeAccess access = TRY(chosenAccess(choice));
    if (!choice.nameSpace.empty())
        access.nameSpace = choice.nameSpace;
    return ApiSession::open(std::move(access),
                            {.path = environmentText("PATH"),
                             .proxy = proxyVariable("HTTPS_PROXY", "https_proxy"),
                             .noProxy = proxyVariable("NO_PROXY", "no_proxy"),
                             .terminal = terminal},
                            clock);
}

} // namespace perch::kube
