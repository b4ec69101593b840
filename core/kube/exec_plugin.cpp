#include "core/kube/exec_plugin.h"

#include "core/base/base64.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/kube/kube_time.h"

#include <nlohmann/json.hpp>

namespace perch::kube {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds kPluginDeadline{60};  ///< without a person
constexpr std::chrono::seconds kPersonDeadline{600}; ///< one who signs in by a browser
constexpr std::size_t kShownPluginOutput = 1'000;

/// KUBERNETES_EXEC_INFO: what the plugin is told.
Result<std::string> execInfo(const ExecEntry& plugin, const ClusterEntry& cluster, Program::Terminal terminal) {
    json info = {{"kind", "ExecCredential"},
                 {"apiVersion", plugin.apiVersion},
                 {"spec", {{"interactive", terminal == Program::Terminal::Yes}}}};
    if (plugin.provideClusterInfo) {
        json facts = {{"server", cluster.server}};
        if (!cluster.tlsServerName.empty())
            facts["tls-server-name"] = cluster.tlsServerName;
        if (!cluster.proxyUrl.empty())
            facts["proxy-url"] = cluster.proxyUrl;
        if (cluster.insecure)
            facts["insecure-skip-tls-verify"] = true;
        std::string authority = cluster.authority;
        if (authority.empty() && !cluster.authorityFile.empty())
            authority = TRY(readFile(cluster.authorityFile));
        if (!authority.empty())
            facts["certificate-authority-data"] = toBase64(authority);
        info["spec"]["cluster"] = std::move(facts);
    }
    return info.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The end of what a plugin wrote to its error output, on one line.
std::string lastWords(std::string_view said) {
    while (!said.empty() && (said.back() == '\n' || said.back() == ' ' || said.back() == '\r'))
        said.remove_suffix(1);
    if (said.empty())
        return "it said nothing";
    std::string line(said.substr(said.size() - std::min(said.size(), kShownPluginOutput)));
    for (char& letter : line)
        letter = letter == '\n' || letter == '\r' ? ' ' : letter;
    return shownText(line, kShownPluginOutput);
}

std::string hintOf(const ExecEntry& plugin) {
    return plugin.installHint.empty() ? "" : " " + lastWords(plugin.installHint);
}

} // namespace

Result<PluginCredential> parseExecCredential(std::string_view printed, const ExecEntry& plugin) {
    const std::string what = fmt::format("What the plugin {} printed", shownName(plugin.command));
    const json document = TRY(parseJson(printed, what));
    const auto wrong = [&](std::string_view problem) {
        return invalidInput(plugin.command, what + " " + std::string(problem));
    };
    if (!document.is_object() || jsonText(document, "kind") != "ExecCredential")
        return wrong("is no ExecCredential.");
    if (const std::string version = jsonText(document, "apiVersion"); version != plugin.apiVersion)
        return wrong(
            fmt::format("has the apiVersion \"{}\"; the kubeconfig says {}.", shownName(version), plugin.apiVersion));
    const auto status = document.find("status");
    if (status == document.end() || !status->is_object())
        return wrong("has no status.");
    PluginCredential credential{.token = Secret(jsonText(*status, "token")),
                                .certificate = jsonText(*status, "clientCertificateData"),
                                .key = Secret(jsonText(*status, "clientKeyData"))};
    if (credential.certificate.empty() != credential.key.empty())
        return wrong("has a client certificate without its key, or a key without its certificate.");
    if (credential.token.empty() && credential.certificate.empty())
        return wrong("has neither a token nor a client certificate.");
    if (const std::string expires = jsonText(*status, "expirationTimestamp"); !expires.empty()) {
        credential.expires = parseKubeTime(expires);
        if (!credential.expires)
            return wrong(fmt::format("has \"{}\" as its expirationTimestamp, which is no time.", shownName(expires)));
    }
    return credential;
}

Result<PluginCredential> runExecPlugin(const ExecEntry& plugin, const ClusterEntry& cluster, const std::string& path,
                                       Program::Terminal terminal, const std::stop_token& stop) {
    const std::string name = shownName(plugin.command);
    if (plugin.interactive == ExecEntry::Interactive::Never)
        terminal = Program::Terminal::No;
    if (plugin.interactive == ExecEntry::Interactive::Always && terminal == Program::Terminal::No)
        return fail(ErrorCode::Denied, "The plugin {} asks on a terminal: sign in with `kubectl get ns` in one first.",
                    name);
    Program program{.command = plugin.command,
                    .arguments = plugin.arguments,
                    .environment = plugin.environment,
                    .path = path,
                    .terminal = terminal};
    program.environment.emplace_back("KUBERNETES_EXEC_INFO", TRY(execInfo(plugin, cluster, terminal)));
    const bool person = terminal == Program::Terminal::Yes;
    const Result<ProgramEnd> end = runProgram(program, person ? kPersonDeadline : kPluginDeadline, stop);
    if (!end && end.error().code == ErrorCode::NotFound)
        return fail(ErrorCode::NotFound, "The plugin {} is not installed.{}", name, hintOf(plugin));
    if (!end)
        return Error(end.error()).during(fmt::format("signing in by the plugin {}", name));
    if (end->exitCode != 0)
        return fail(ErrorCode::Denied, "The plugin {} failed with exit code {}: {}.{}", name, end->exitCode,
                    lastWords(end->err), hintOf(plugin));
    return parseExecCredential(end->out, plugin);
}

} // namespace perch::kube
