#include "core/kube/kubeconfig.h"

#include "core/base/base64.h"
#include "core/base/file.h"
#include "core/spec/yaml_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace perch::kube {

namespace {

using spec::YamlSection;

constexpr std::uintmax_t kLargestKubeconfig = std::uintmax_t{16} << 20;

/// A path in a kubeconfig begins at the folder of its file.
Result<void> readPath(const YamlSection& section, std::string_view key, const std::filesystem::path& folder,
                      std::filesystem::path& out) {
    std::string text;
    TRY(section.readText(key, text));
    if (!text.empty())
        out = (folder / text).lexically_normal();
    return {};
}

/// `certificate-authority-data` and its like.
Result<void> readBase64(const YamlSection& section, std::string_view key, std::string& out) {
    std::string text;
    TRY(section.readText(key, text));
    if (text.empty())
        return {};
    std::optional<std::string> bytes = fromBase64(text);
    if (!bytes)
        return section.errorAt(key, "must be base64.");
    out = *std::move(bytes);
    return {};
}

Result<void> readSecret(const YamlSection& section, std::string_view key, Secret& out) {
    std::string text;
    TRY(section.readText(key, text));
    out = Secret(std::move(text));
    return {};
}

Result<ClusterEntry> readCluster(const YamlSection& section, const std::filesystem::path& folder) {
    ClusterEntry cluster;
    TRY(section.readText("server", cluster.server));
    TRY(section.readText("tls-server-name", cluster.tlsServerName));
    TRY(section.readText("proxy-url", cluster.proxyUrl));
    TRY(readPath(section, "certificate-authority", folder, cluster.authorityFile));
    TRY(readBase64(section, "certificate-authority-data", cluster.authority));
    TRY(section.readBoolean("insecure-skip-tls-verify", cluster.insecure));
    return cluster;
}

Result<ExecEntry> readExec(const YamlSection& section, const std::filesystem::path& folder) {
    static constexpr std::array<std::string_view, 3> kModes{"IfAvailable", "Never", "Always"};
    ExecEntry exec;
    TRY(section.readText("command", exec.command));
    if (exec.command.empty())
        return section.errorHere("an exec plugin needs a command.");
    if (exec.command.find('/') != std::string::npos)
        exec.command = (folder / exec.command).lexically_normal().string();
    TRY(section.readTexts("args", exec.arguments));
    for (const YamlSection& variable : TRY(section.sections("env"))) {
        std::pair<std::string, std::string> entry;
        TRY(variable.readText("name", entry.first));
        TRY(variable.readText("value", entry.second));
        exec.environment.push_back(std::move(entry));
    }
    TRY(section.readText("apiVersion", exec.apiVersion));
    if (exec.apiVersion != "client.authentication.k8s.io/v1" &&
        exec.apiVersion != "client.authentication.k8s.io/v1beta1")
        return section.errorAt("apiVersion",
                               "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1.");
    if (exec.apiVersion.ends_with("/v1") && !section.has("interactiveMode"))
        return section.errorHere("an exec plugin of client.authentication.k8s.io/v1 needs interactiveMode.");
    std::size_t mode = 0;
    TRY(section.readWord("interactiveMode", mode, kModes));
    exec.interactive = static_cast<ExecEntry::Interactive>(mode);
    TRY(section.readText("installHint", exec.installHint));
    TRY(section.readBoolean("provideClusterInfo", exec.provideClusterInfo));
    return exec;
}

Result<Impersonation> readImpersonation(const YamlSection& section) {
    Impersonation as;
    TRY(section.readText("as", as.user));
    TRY(section.readText("as-uid", as.uid));
    TRY(section.readTexts("as-groups", as.groups));
    if (section.has("as-user-extra")) {
        const YamlSection extra = TRY(section.section("as-user-extra"));
        for (const std::string& key : extra.keys())
            TRY(extra.readTexts(key, as.extra[key]));
    }
    return as;
}

Result<UserEntry> readUser(const YamlSection& section, const std::filesystem::path& folder) {
    UserEntry user;
    std::string key;
    TRY(readSecret(section, "token", user.token));
    TRY(readPath(section, "tokenFile", folder, user.tokenFile));
    TRY(readPath(section, "client-certificate", folder, user.certificateFile));
    TRY(readPath(section, "client-key", folder, user.keyFile));
    TRY(readBase64(section, "client-certificate-data", user.certificate));
    TRY(readBase64(section, "client-key-data", key));
    user.key = Secret(std::move(key));
    TRY(section.readText("username", user.name));
    TRY(readSecret(section, "password", user.password));
    user.as = TRY(readImpersonation(section));
    if (section.has("exec"))
        user.exec = TRY(readExec(TRY(section.section("exec")), folder));
    if (section.has("auth-provider"))
        TRY(TRY(section.section("auth-provider")).readText("name", user.authProvider));
    return user;
}

/// A list of `name` and one thing under `key`.
template <typename Entry, typename Read>
Result<std::map<std::string, Entry>> readEntries(const YamlSection& top, std::string_view list, std::string_view key,
                                                 const Read& read) {
    std::map<std::string, Entry> entries;
    for (const YamlSection& item : TRY(top.sections(list))) {
        std::string name;
        TRY(item.readText("name", name));
        Entry entry;
        if (item.has(key))
            entry = TRY(read(TRY(item.section(key))));
        if (!entries.emplace(name, std::move(entry)).second)
            return item.errorHere(fmt::format("the name \"{}\" stands twice in {}.", name, list));
    }
    return entries;
}

/// The files of KUBECONFIG: each once, none empty.
std::vector<std::filesystem::path> filesOf(const std::string& variable) {
    std::vector<std::filesystem::path> files;
    for (std::size_t begin = 0; begin <= variable.size();) {
        const std::size_t end = std::min(variable.find(':', begin), variable.size());
        const std::filesystem::path file = variable.substr(begin, end - begin);
        if (!file.empty() && std::ranges::find(files, file) == files.end())
            files.push_back(file);
        begin = end + 1;
    }
    return files;
}

Error noKubeconfig(const std::vector<std::filesystem::path>& files) {
    std::string names;
    for (const std::filesystem::path& file : files)
        names += (names.empty() ? "" : ", ") + file.string();
    return fail(ErrorCode::NotFound, "There is no kubeconfig: {} {} not there.", names,
                files.size() == 1 ? "is" : "are");
}

Result<Kubeconfig> readFileAt(const std::filesystem::path& file) {
    std::error_code none;
    if (const std::uintmax_t size = std::filesystem::file_size(file, none); !none && size > kLargestKubeconfig)
        return fail(ErrorCode::InvalidInput, "{} has {} MB; a kubeconfig has at most {} MB.", file.string(), size >> 20,
                    kLargestKubeconfig >> 20);
    return Kubeconfig::parse(TRY(readFile(file)), file);
}

} // namespace

Result<Kubeconfig> Kubeconfig::parse(std::string_view yaml, const std::filesystem::path& file) {
    Kubeconfig config{.files = {file}};
    if (yaml.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return config; // kubectl takes an empty file
    const YamlSection top = TRY(YamlSection::parseForeign(yaml, file.string()));
    const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
    config.clusters = TRY(readEntries<ClusterEntry>(
        top, "clusters", "cluster", [&](const YamlSection& section) { return readCluster(section, folder); }));
    config.users = TRY(readEntries<UserEntry>(top, "users", "user",
                                              [&](const YamlSection& section) { return readUser(section, folder); }));
    config.contexts = TRY(
        readEntries<ContextEntry>(top, "contexts", "context", [&](const YamlSection& section) -> Result<ContextEntry> {
            ContextEntry context;
            TRY(section.readText("cluster", context.cluster));
            TRY(section.readText("user", context.user));
            TRY(section.readText("namespace", context.nameSpace));
            return context;
        }));
    TRY(top.readText("current-context", config.currentContext));
    return config;
}

void Kubeconfig::merge(Kubeconfig other) {
    clusters.merge(other.clusters);
    users.merge(other.users);
    contexts.merge(other.contexts);
    if (currentContext.empty())
        currentContext = std::move(other.currentContext);
    files.insert(files.end(), other.files.begin(), other.files.end());
}

Result<Kubeconfig> loadKubeconfig(const std::filesystem::path& chosen, const std::string& variable,
                                  const std::filesystem::path& home) {
    if (!chosen.empty())
        return readFileAt(chosen);
    std::vector<std::filesystem::path> files = filesOf(variable);
    if (files.empty())
        files.push_back(home / ".kube" / "config");
    Kubeconfig merged;
    for (const std::filesystem::path& file : files) {
        std::error_code none;
        if (std::filesystem::exists(file, none))
            merged.merge(TRY(readFileAt(file)));
    }
    if (merged.files.empty())
        return noKubeconfig(files);
    return merged;
}

} // namespace perch::kube
