#include "core/platforms/kubernetes/route_split.h"

#include "core/base/utf8.h"
#include "core/rollout/replica_ratio.h"

#include <algorithm>
#include <map>

namespace perch::kubernetes {

std::optional<ServiceVersion> versionOf(const ServiceObject& service, std::span<const DeploymentObject* const> model) {
    // A Service without a selector has its addresses from somebody else.
    if (service.selector.empty())
        return std::nullopt;
    const bool named = service.selector.contains(kVersionLabel);
    std::optional<Version> found;
    for (const DeploymentObject* deployment : model) {
        const std::string role = labelOf(deployment->meta.labels, kRoleLabel);
        if (!selects(service.selector, deployment->templateLabels) ||
            (!named && (role == "canary" || role == "retired")))
            continue;
        const Result<Version> version = versionIn(deployment->templateLabels);
        if (!version || (found && *found != *version))
            return std::nullopt;
        found = *version;
    }
    if (!found)
        return std::nullopt;
    return ServiceVersion{*found, named};
}

std::vector<Percent> sharesOf(const std::vector<RouteObject::Backend>& rule) {
    std::uint64_t all = 0;
    for (const RouteObject::Backend& backend : rule)
        all += backend.weight;
    std::vector<Percent> shares;
    for (const RouteObject::Backend& backend : rule)
        shares.push_back(rollout::shareOf(backend.weight, all));
    return shares;
}

Result<std::string> splitOfRule(const std::vector<RouteObject::Backend>& rule,
                                const std::vector<std::optional<Version>>& versions,
                                const std::optional<Version>& stable) {
    const std::vector<Percent> shares = sharesOf(rule);
    std::map<Version, int> points;
    for (std::size_t i = 0; i < rule.size(); ++i) {
        if (shares[i] == Percent())
            continue;
        if (!versions[i])
            return fail(ErrorCode::InvalidInput, "{} gets {} % of the traffic and serves no version that is known",
                        rule[i].service.empty() ? "A backend that is no Service"
                                                : "Service/" + shownText(rule[i].service, 63),
                        shares[i].text());
        points[*versions[i]] += shares[i].basisPoints();
    }
    if (points.empty())
        return std::string();
    if (points.size() > 2)
        return fail(ErrorCode::InvalidInput, "{} versions get traffic, and Perch knows one canary", points.size());
    if (points.size() == 1)
        return rollout::Split{points.begin()->first, {}, {}}.text();
    std::pair<Version, int> first = *points.begin(), second = *points.rbegin();
    // Without a label the one with more traffic is stable.
    const bool swapped = stable == second.first || (stable != first.first && second.second > first.second);
    if (swapped)
        std::swap(first, second);
    return rollout::Split{first.first, second.first, Percent::fromBasisPoints(second.second)}.text();
}

} // namespace perch::kubernetes
