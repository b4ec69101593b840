#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace perch::kube {

/// `clusters[].cluster` of a kubeconfig.
struct ClusterEntry {
    std::string server; ///< `https://host:port[/path]`
    std::string tlsServerName;
    std::string proxyUrl;
    std::filesystem::path authorityFile; ///< absolute
    std::string authority;               ///< PEM; goes before the file
    bool insecure = false;               ///< the server's certificate is not checked
};

/// `users[].user.exec`: a program that prints an ExecCredential.
struct ExecEntry {
    std::string command; ///< absolute if it was a relative path with a slash, else looked up in PATH
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
    std::string apiVersion;
    std::string installHint;
    bool provideClusterInfo = false;
    enum class Interactive { IfAvailable, Never, Always } interactive = Interactive::IfAvailable;
};

/// Whom the API server is asked to take the request for.
struct Impersonation {
    std::string user, uid;
    std::vector<std::string> groups;
    std::map<std::string, std::vector<std::string>> extra;
};

/// `users[].user` of a kubeconfig.
struct UserEntry {
    Secret token;
    std::filesystem::path tokenFile; ///< absolute; read again while in use, and goes before the token
    std::filesystem::path certificateFile, keyFile;
    std::string certificate; ///< PEM; goes before the file
    Secret key;              ///< PEM; goes before the file
    std::string name;        ///< of basic authentication
    Secret password;
    Impersonation as;
    std::optional<ExecEntry> exec;
    std::string authProvider; ///< name of a plugin that client-go no longer has; kept to say so
};

/// `contexts[].context` of a kubeconfig.
struct ContextEntry {
    std::string cluster, user;
    std::string nameSpace; ///< empty: `default`
};

/// One kubeconfig or several merged: what kubectl would see. A value.
struct Kubeconfig {
    std::map<std::string, ClusterEntry> clusters;
    std::map<std::string, UserEntry> users;
    std::map<std::string, ContextEntry> contexts;
    std::string currentContext;
    std::vector<std::filesystem::path> files; ///< that were read

    /// Reads one file's text. Relative paths in it begin at the folder of `file`; keys that are not known are left
    /// out. InvalidInput names file, line and column; a name that stands twice in one list is an error, as in kubectl.
    static Result<Kubeconfig> parse(std::string_view yaml, const std::filesystem::path& file);
    /// What `other` has and this has not: the first file that names a thing has it whole.
    void merge(Kubeconfig other);
};

/// Where kubectl looks: `chosen` (`--kubeconfig`) alone, which must be there; else the files of `variable`
/// (KUBECONFIG), divided by colons, of which some may be missing; else ~/.kube/config. NotFound if there is none at
/// all. The merged config is checked by `kubeAccess`, not here.
Result<Kubeconfig> loadKubeconfig(const std::filesystem::path& chosen, const std::string& variable,
                                  const std::filesystem::path& home);

/// A name out of a kubeconfig or a cluster, in a message: those of clouds are long.
std::string shownName(std::string_view name);

/// All that one context says.
struct KubeAccess {
    std::string context;
    ClusterEntry cluster;
    UserEntry user;
    std::string nameSpace;
};

/// The context of that name, or the current one if the name is empty. NotFound, in kubectl's words, if the context, its
/// cluster or its user is not there; InvalidInput if what they hold contradicts itself.
Result<KubeAccess> kubeAccess(const Kubeconfig& config, const std::string& context);

/// What a Pod finds in its own file system; NotFound outside of a cluster.
Result<KubeAccess>
inClusterAccess(const std::string& host, const std::string& port,
                const std::filesystem::path& folder = "/var/run/secrets/kubernetes.io/serviceaccount");

} // namespace perch::kube
