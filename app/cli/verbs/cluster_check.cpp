#include "core/kube/cluster_check.h"

#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>

namespace perch::cli {

namespace {

using kube::AccessFact;
using kube::AccessPurpose;
using kube::ClusterCheck;
using kube::KubeAccess;
using nlohmann::json;

constexpr std::array<std::pair<AccessPurpose, const char*>, 5> kCheckedPurposes{{
    {AccessPurpose::See, "see models"},
    {AccessPurpose::Explain, "events, logs"},
    {AccessPurpose::Nodes, "see nodes"},
    {AccessPurpose::Change, "change rollouts"},
    {AccessPurpose::Traffic, "move traffic"},
}};

json toJson(const ClusterCheck& check, const KubeAccess& access) {
    json rights = json::array();
    for (const AccessFact& fact : check.access)
        rights.push_back({{"purpose", toString(fact.purpose)},
                          {"right", fact.question.text()},
                          {"allowed", fact.answer.allowed},
                          {"reason", fact.answer.reason}});
    json identity = nullptr;
    if (check.identity)
        identity = {{"user", check.identity->user}, {"groups", check.identity->groups}};
    return {{"context", access.context},     {"server", access.cluster.server},
            {"namespace", access.nameSpace}, {"version", check.version},
            {"identity", identity},          {"access", rights},
            {"requests", check.requests}};
}

/// `yes`, or what is missing.
std::string rightsText(const ClusterCheck& check, AccessPurpose purpose) {
    std::string missing;
    for (const AccessFact& fact : check.access) {
        if (fact.purpose == purpose && !fact.answer.allowed)
            missing += (missing.empty() ? "" : ", ") + fact.question.text();
    }
    return missing.empty() ? "yes" : "no: may not " + missing;
}

void printCheck(const ClusterCheck& check, const KubeAccess& access) {
    const auto line = [](const char* name, const std::string& value) { fmt::print("  {:<16} {}\n", name, value); };
    line("context", kube::shownName(access.context));
    line("server", fmt::format("{}, {}", kube::shownName(access.cluster.server), kube::shownName(check.version)));
    line("namespace", kube::shownName(access.nameSpace));
    line("you are", check.identity ? kube::shownName(check.identity->user)
                                   : "not known: the server is older than Kubernetes 1.28");
    for (const auto& [purpose, words] : kCheckedPurposes)
        line(words, rightsText(check, purpose));
}

/// 1 if the models cannot be seen.
Result<int> runCheck(const Context& context) {
    const std::shared_ptr<kube::ApiSession> session = TRY(context.session());
    kube::ApiClient client(session);
    context.progress(fmt::format("Asking {}", session->host()));
    const ClusterCheck check = TRY(kube::inspectCluster(client, session->access().nameSpace, context.stop));
    context.endProgress();
    if (context.json)
        printJson(toJson(check, session->access()));
    else
        printCheck(check, session->access());
    return check.allowed(AccessPurpose::See) ? 0 : 1;
}

} // namespace

void addClusterCheckVerb(CLI::App& cluster) {
    addVerb(cluster, "check", "Connect, say who you are and what you may do; exit 1 if you may not see the models",
            runCheck);
}

} // namespace perch::cli
