#include "core/platforms/kubernetes/route_facts.h"

#include "core/platforms/kubernetes/route_split.h"

#include <algorithm>

namespace perch::kubernetes {

namespace {

using fleet::Role;

/// The Services of the model, by name.
using Addresses = std::map<std::string, ServiceVersion>;

bool leadsTo(const RouteObject& route, const Addresses& addresses) {
    return std::ranges::any_of(route.rules, [&](const auto& rule) {
        return std::ranges::any_of(rule, [&](const auto& backend) { return addresses.contains(backend.service); });
    });
}

std::string fixedBecause(const RouteObject& route, const std::string& reason) {
    return fmt::format("HTTPRoute/{}: {}, so that Perch cannot change its weights.", route.meta.name, reason);
}

/// What the one rule of the route says; an error in words.
Result<std::string> splitIn(const RouteObject& route, const Addresses& addresses, const fleet::ModelFacts& model) {
    if (route.rules.size() != 1)
        return fail(ErrorCode::InvalidInput, "It has {} rules with backends", route.rules.size());
    std::vector<std::optional<Version>> versions;
    for (const RouteObject::Backend& backend : route.rules.front()) {
        const auto found = addresses.find(backend.service);
        versions.push_back(found == addresses.end() ? std::nullopt : std::optional(found->second.version));
    }
    return splitOfRule(route.rules.front(), versions, model.route.stable);
}

void addAddresses(fleet::ModelFacts& model, const RouteObject& route, const Addresses& addresses,
                  const KubeObjects& objects) {
    const auto listed = [&](const std::string& service) {
        return std::ranges::any_of(route.rules, [&](const auto& rule) {
            return std::ranges::find(rule, service, &RouteObject::Backend::service) != rule.end();
        });
    };
    for (const auto& [service, found] : addresses) {
        fleet::Route::Address address{found.version, "Service/" + service, objects.services.at(service).meta.uid,
                                      found.own, listed(service)};
        // One that the route knows goes before others of the same version.
        const auto same = std::ranges::find(model.route.addresses, found.version, &fleet::Route::Address::version);
        if (same == model.route.addresses.end())
            model.route.addresses.push_back(std::move(address));
        else if (address.listed && !same->listed)
            *same = std::move(address);
    }
}

void takeSplit(fleet::ModelFacts& model, const rollout::Split& split) {
    model.route.stable = split.stable;
    model.route.canary = split.canary;
    model.route.canaryWeight = split.canaryWeight;
    for (fleet::VersionFacts& version : model.versions) {
        const bool stable = version.version == split.stable, canary = version.version == split.canary;
        version.role = stable ? Role::Stable : canary ? Role::Canary : Role::Retired;
        version.wantedWeight.reset();
        if (stable || canary)
            version.wantedWeight = stable ? split.stableWeight() : split.canaryWeight;
    }
}

} // namespace

void addRouteFacts(fleet::ModelFacts& model, const std::vector<const DeploymentObject*>& deployments,
                   const KubeObjects& objects) {
    Addresses addresses;
    for (const auto& [name, service] : objects.services) {
        if (const auto version = versionOf(service, deployments))
            addresses.emplace(name, *version);
    }
    const RouteObject* route = nullptr;
    for (const auto& [name, candidate] : objects.routes) {
        if (!leadsTo(candidate, addresses))
            continue;
        if (route != nullptr && model.whyFixed.empty())
            model.whyFixed =
                fmt::format("HTTPRoute/{} and HTTPRoute/{} both lead to {}: Perch changes the weights of one.",
                            route->meta.name, name, model.model.text());
        route = &candidate;
    }
    if (route == nullptr)
        return;
    model.backend = "httproute";
    model.lever = fleet::Lever::Split;
    model.route.object = "HTTPRoute/" + route->meta.name;
    model.route.uid = route->meta.uid;
    addAddresses(model, *route, addresses, objects);
    for (const RouteObject::Backend& backend : route->rules.front())
        model.route.listed.push_back(backend.service);
    const Result<std::string> text = splitIn(*route, addresses, model);
    if (!text && model.whyFixed.empty())
        model.whyFixed = fixedBecause(*route, text.error().message);
    if (!text || text->empty()) {
        model.route.canary.reset();
        model.route.canaryWeight = {};
        return;
    }
    if (const Result<rollout::Split> split = rollout::Split::parse(*text))
        takeSplit(model, *split);
}

} // namespace perch::kubernetes
