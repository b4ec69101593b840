#include "core/kube/cluster_check.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::kube {

namespace {

using namespace resources;

struct NeededRight {
    AccessPurpose purpose;
    std::string_view verb;
    Resource resource;
    std::string_view part = {};
};

constexpr std::array kNeededRights{
    NeededRight{AccessPurpose::See, "list", kDeployments},
    NeededRight{AccessPurpose::See, "watch", kDeployments},
    NeededRight{AccessPurpose::See, "list", kReplicaSets},
    NeededRight{AccessPurpose::See, "watch", kReplicaSets},
    NeededRight{AccessPurpose::See, "list", kPods},
    NeededRight{AccessPurpose::See, "watch", kPods},
    NeededRight{AccessPurpose::Explain, "list", kServices},
    NeededRight{AccessPurpose::Explain, "list", kConfigMaps},
    NeededRight{AccessPurpose::Explain, "get", kLeases},
    NeededRight{AccessPurpose::Explain, "list", kEvents},
    NeededRight{AccessPurpose::Explain, "get", kPods, "log"},
    NeededRight{AccessPurpose::Explain, "list", kAutoscalers},
    NeededRight{AccessPurpose::Explain, "list", kQuotas},
    NeededRight{AccessPurpose::Nodes, "list", kNodes},
    NeededRight{AccessPurpose::Change, "patch", kDeployments},
    NeededRight{AccessPurpose::Change, "create", kConfigMaps},
    NeededRight{AccessPurpose::Change, "patch", kConfigMaps},
    NeededRight{AccessPurpose::Change, "create", kLeases},
    NeededRight{AccessPurpose::Change, "patch", kLeases},
    NeededRight{AccessPurpose::Traffic, "create", kDeployments},
    NeededRight{AccessPurpose::Traffic, "patch", kServices},
    NeededRight{AccessPurpose::Traffic, "create", kServices},
    NeededRight{AccessPurpose::Traffic, "patch", kRollouts},
    NeededRight{AccessPurpose::Traffic, "patch", kRollouts, "status"},
    NeededRight{AccessPurpose::Traffic, "patch", kHttpRoutes},
    NeededRight{AccessPurpose::Traffic, "patch", kVirtualServices},
    NeededRight{AccessPurpose::Traffic, "patch", kInferenceServices},
};

} // namespace

std::string_view toString(AccessPurpose purpose) {
    static constexpr std::array<std::string_view, 5> kWords{"see", "explain", "nodes", "change", "traffic"};
    return kWords[static_cast<std::size_t>(purpose)];
}

bool ClusterCheck::allowed(AccessPurpose purpose) const {
    return std::ranges::all_of(access,
                               [=](const AccessFact& fact) { return fact.purpose != purpose || fact.answer.allowed; });
}

std::vector<AccessFact> neededAccess(const std::string& nameSpace) {
    std::vector<AccessFact> facts;
    for (const NeededRight& right : kNeededRights)
        facts.push_back({.purpose = right.purpose,
                         .question = {.verb = std::string(right.verb),
                                      .resource = right.resource,
                                      .part = std::string(right.part),
                                      .nameSpace = nameSpace}});
    return facts;
}

Result<ClusterCheck> inspectCluster(ApiClient& client, const std::string& nameSpace, std::stop_token stop) {
    const std::uint64_t before = client.session().rate().total();
    ClusterCheck check;
    check.version =
        TRY(jsonString(TRY(client.send({.path = "/version"}, stop)), "gitVersion", "The version of the API server"));
    Result<KubeIdentity> identity = whoAmI(client, stop);
    if (identity)
        check.identity = *std::move(identity);
    else if (identity.error().code != ErrorCode::NotFound)
        return identity.error();
    check.access = neededAccess(nameSpace);
    for (AccessFact& fact : check.access)
        fact.answer = TRY(mayI(client, fact.question, stop));
    check.requests = client.session().rate().total() - before;
    return check;
}

} // namespace perch::kube
