#include "app/cli/verbs.h"
#include "core/kube/chosen_cluster.h"
#include "core/kube/credentials.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace perch::cli {

namespace {

using kube::KubeAccess;
using kube::Kubeconfig;
using nlohmann::json;

json toJson(const std::string& name, const Kubeconfig& config, const Result<KubeAccess>& access) {
    const kube::ContextEntry& entry = config.contexts.at(name);
    json document = {{"name", name},
                     {"current", name == config.currentContext},
                     {"cluster", entry.cluster},
                     {"user", entry.user},
                     {"namespace", entry.nameSpace.empty() ? "default" : entry.nameSpace}};
    document["server"] = access ? json(access->cluster.server) : json(nullptr);
    document["sign_in"] = access ? json(kube::signInOf(access->user)) : json(nullptr);
    document["problem"] = access ? json(nullptr) : json(access.error().message);
    return document;
}

/// 1 if a context cannot be used.
Result<int> runContexts(const Context& context) {
    const Kubeconfig config = TRY(kube::loadChosenConfig(context.cluster.file));
    json contexts = json::array();
    bool usable = true;
    if (!context.json)
        fmt::print("  {:<24} {:<36} {:<20} {}\n", "context", "server", "namespace", "signs in by");
    for (const auto& [name, entry] : config.contexts) {
        const Result<KubeAccess> access = kube::kubeAccess(config, name);
        usable = usable && access;
        contexts.push_back(toJson(name, config, access));
        if (context.json)
            continue;
        const char mark = name == config.currentContext ? '*' : ' ';
        if (access)
            fmt::print("{} {:<24} {:<36} {:<20} {}\n", mark, kube::shownName(name),
                       kube::shownName(access->cluster.server), kube::shownName(access->nameSpace),
                       kube::shownName(kube::signInOf(access->user)));
        else
            fmt::print("{} {:<24} {}\n", mark, kube::shownName(name), access.error().message);
    }
    if (context.json) {
        json files = json::array();
        for (const std::filesystem::path& read : config.files)
            files.push_back(read.string());
        printJson({{"files", files}, {"current_context", config.currentContext}, {"contexts", contexts}});
    } else if (config.contexts.empty()) {
        fmt::print("  There is no context; `kubectl config set-context` makes one.\n");
    }
    return usable ? 0 : 1;
}

} // namespace

void addClusterVerbs(CLI::App& app) {
    CLI::App* const cluster = app.add_subcommand("cluster", "Clusters that a kubeconfig names");
    cluster->require_subcommand(1);
    addVerb(*cluster, "contexts", "List the contexts, each with what is wrong with it; exit 1 if one cannot be used",
            runContexts);
    addClusterCheckVerb(*cluster);
}

} // namespace perch::cli
