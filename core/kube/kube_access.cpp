#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/kube/kubeconfig.h"

#include <fmt/format.h>

namespace perch::kube {

namespace {

constexpr std::size_t kLargestPem = std::size_t{16} << 20;

template <typename Entry>
std::string namesOf(const std::map<std::string, Entry>& entries) {
    std::string names;
    for (const auto& [name, entry] : entries)
        names += (names.empty() ? "" : ", ") + shownName(name);
    return names.empty() ? "none" : names;
}

Error refused(std::string_view sentence, const std::string& name) {
    return Error{ErrorCode::InvalidInput, fmt::format("{}.", sentence), name};
}

Result<void> checkReadable(const std::filesystem::path& file, std::string_view key, const std::string& name) {
    if (file.empty())
        return {};
    const Result<std::string> bytes = readFile(file, kLargestPem);
    if (bytes)
        return {};
    return Error{ErrorCode::InvalidInput,
                 fmt::format("The {} of {} cannot be read: {}", key, shownName(name), bytes.error().message), name};
}

Result<void> checkCluster(const ClusterEntry& cluster, const std::string& name) {
    if (cluster.server.empty())
        return refused(fmt::format("No server is given for the cluster \"{}\"", shownName(name)), name);
    if (!cluster.authority.empty() && !cluster.authorityFile.empty())
        return refused(fmt::format("The cluster \"{}\" has both certificate-authority-data and certificate-authority",
                                   shownName(name)),
                       name);
    if (cluster.insecure && (!cluster.authority.empty() || !cluster.authorityFile.empty()))
        return refused(
            fmt::format("The cluster \"{}\" has a certificate authority and insecure-skip-tls-verify", shownName(name)),
            name);
    return checkReadable(cluster.authorityFile, "certificate-authority", name);
}

Result<void> checkUser(const UserEntry& user, const std::string& name) {
    const bool certificate = !user.certificate.empty() || !user.certificateFile.empty();
    const bool key = !user.key.empty() || !user.keyFile.empty();
    const bool token = !user.token.empty() || !user.tokenFile.empty();
    if (!user.certificate.empty() && !user.certificateFile.empty())
        return refused(
            fmt::format("The user \"{}\" has both client-certificate-data and client-certificate", shownName(name)),
            name);
    if (!user.key.empty() && !user.keyFile.empty())
        return refused(fmt::format("The user \"{}\" has both client-key-data and client-key", shownName(name)), name);
    if (certificate != key)
        return refused(fmt::format("The user \"{}\" has a client {} without its {}", shownName(name),
                                   certificate ? "certificate" : "key", certificate ? "key" : "certificate"),
                       name);
    if (token && !user.name.empty())
        return refused(
            fmt::format("The user \"{}\" has a token and a username: only one may be given", shownName(name)), name);
    if (!user.authProvider.empty())
        return refused(
            fmt::format("The user \"{}\" signs in by the auth-provider \"{}\", which Kubernetes removed; use its "
                        "exec plugin",
                        shownName(name), shownName(user.authProvider)),
            name);
    if (user.as.user.empty() && (!user.as.uid.empty() || !user.as.groups.empty() || !user.as.extra.empty()))
        return refused(
            fmt::format("The user \"{}\" impersonates a uid, groups or extra fields without a user", shownName(name)),
            name);
    TRY(checkReadable(user.certificateFile, "client-certificate", name));
    return checkReadable(user.keyFile, "client-key", name);
}

} // namespace

std::string shownName(std::string_view name) {
    return shownText(name, 200);
}

Result<KubeAccess> kubeAccess(const Kubeconfig& config, const std::string& context) {
    const std::string& name = context.empty() ? config.currentContext : context;
    if (name.empty())
        return fail(ErrorCode::NotFound, "The kubeconfig has no current-context; its contexts are: {}.",
                    namesOf(config.contexts));
    const auto found = config.contexts.find(name);
    if (found == config.contexts.end())
        return fail(ErrorCode::NotFound, "The context \"{}\" does not exist; there are: {}.", shownName(name),
                    namesOf(config.contexts));
    const ContextEntry& entry = found->second;
    const auto cluster = config.clusters.find(entry.cluster);
    if (cluster == config.clusters.end())
        return fail(ErrorCode::NotFound, "The cluster \"{}\" was not found for the context \"{}\".",
                    shownName(entry.cluster), shownName(name));
    const auto user = config.users.find(entry.user);
    if (user == config.users.end() && !entry.user.empty())
        return fail(ErrorCode::NotFound, "The user \"{}\" was not found for the context \"{}\".", shownName(entry.user),
                    shownName(name));
    KubeAccess access{.context = name,
                      .cluster = cluster->second,
                      .user = user == config.users.end() ? UserEntry() : user->second,
                      .nameSpace = entry.nameSpace.empty() ? "default" : entry.nameSpace};
    TRY(checkCluster(access.cluster, entry.cluster));
    TRY(checkUser(access.user, entry.user));
    return access;
}

Result<KubeAccess> inClusterAccess(const std::string& host, const std::string& port,
                                   const std::filesystem::path& folder) {
    if (host.empty() || port.empty())
        return fail(ErrorCode::NotFound, "This is no Pod of a cluster: KUBERNETES_SERVICE_HOST and _PORT are not set.");
    KubeAccess access{.context = "in-cluster"};
    const bool v6 = host.find(':') != std::string::npos;
    access.cluster.server = fmt::format("https://{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
    access.cluster.authorityFile = folder / "ca.crt";
    access.user.tokenFile = folder / "token";
    access.nameSpace = TRY(readFile(folder / "namespace"));
    TRY(checkReadable(access.user.tokenFile, "token", "this Pod"));
    TRY(checkReadable(access.cluster.authorityFile, "certificate authority", "this Pod"));
    return access;
}

} // namespace perch::kube
