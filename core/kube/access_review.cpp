#include "core/kube/access_review.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

namespace perch::kube {

namespace {

using nlohmann::json;

constexpr std::size_t kMostGroups = 1'000;

Result<json> review(ApiClient& client, const std::string& path, const json& document, const std::stop_token& stop) {
    const json answer = TRY(client.send({.method = "POST", .path = path, .body = document.dump()}, stop));
    const auto status = answer.is_object() ? answer.find("status") : answer.end();
    if (status == answer.end() || !status->is_object())
        return fail(ErrorCode::InvalidInput, "The review of the API server at {} has no status.",
                    client.session().host());
    return *status;
}

} // namespace

Result<KubeIdentity> whoAmI(ApiClient& client, std::stop_token stop) {
    const json status = TRY(review(client, "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                                   {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}}, stop));
    const auto info = status.find("userInfo");
    if (info == status.end() || !info->is_object())
        return fail(ErrorCode::InvalidInput, "The API server at {} does not say who we are.", client.session().host());
    KubeIdentity identity{.user = jsonText(*info, "username")};
    if (const auto groups = info->find("groups"); groups != info->end() && groups->is_array()) {
        for (const json& group : *groups) {
            if (group.is_string() && identity.groups.size() < kMostGroups)
                identity.groups.push_back(group.get<std::string>());
        }
    }
    return identity;
}

std::string AccessQuestion::text() const {
    return fmt::format("{} {}{}{}", verb, nameOf(resource), part.empty() ? "" : "/", part);
}

Result<AccessAnswer> mayI(ApiClient& client, const AccessQuestion& question, std::stop_token stop) {
    json attributes = {{"verb", question.verb},
                       {"group", question.resource.group},
                       {"version", question.resource.version},
                       {"resource", question.resource.plural}};
    if (!question.part.empty())
        attributes["subresource"] = question.part;
    if (!question.nameSpace.empty() && question.resource.scope == Resource::Scope::Namespaced)
        attributes["namespace"] = question.nameSpace;
    const json status = TRY(review(client, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                   {{"apiVersion", "authorization.k8s.io/v1"},
                                    {"kind", "SelfSubjectAccessReview"},
                                    {"spec", {{"resourceAttributes", attributes}}}},
                                   stop));
    return AccessAnswer{.allowed = TRY(jsonBoolean(status, "allowed", "The access review")),
                        .reason = shownText(jsonText(status, "reason"), 200)};
}

} // namespace perch::kube
