#include "core/platforms/kubernetes/http_route_fields.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/platforms/kubernetes/kube_objects.h"
#include "core/platforms/kubernetes/route_split.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::kubernetes {

namespace {

using nlohmann::json;
using rollout::Step;

constexpr const char* kSelectorVersionPath = "/spec/selector/perch.dev~1version";

/// The Deployments of the namespace, and the same as versionOf takes them.
struct KnownDeployments {
    std::vector<DeploymentObject> objects;
    std::vector<const DeploymentObject*> pointers() const {
        std::vector<const DeploymentObject*> all;
        for (const DeploymentObject& object : objects)
            all.push_back(&object);
        return all;
    }
};

Result<KnownDeployments> deploymentsIn(ObjectWriter& writer) {
    const json list =
        TRY(writer.client().send({.path = kube::pathOf(kube::resources::kDeployments, writer.nameSpace())}));
    KnownDeployments known;
    const json& items = member(list, "items");
    for (const json& item : items.is_array() ? items : json::array()) {
        if (auto deployment = deploymentOf(item))
            known.objects.push_back(*std::move(deployment));
    }
    return known;
}

/// The version's name as the Pods that a Service selects carry it: `v2`, or `2`.
Result<std::string> labelIn(ObjectWriter& writer, Labels selector, Version version, const std::string& service) {
    const KnownDeployments known = TRY(deploymentsIn(writer));
    selector.erase(kVersionLabel);
    for (const DeploymentObject& deployment : known.objects) {
        const Result<Version> own = versionIn(deployment.templateLabels);
        if (own && *own == version && selects(selector, deployment.templateLabels))
            return labelOf(deployment.templateLabels, kVersionLabel);
    }
    return fail(ErrorCode::Conflict, "Service/{} selects no Deployment of {}.", service, version.text());
}

/// The place of the one rule with backends: `/spec/rules/0/backendRefs`.
struct RulePlace {
    std::string path;
    const json* backends = nullptr;
};

Result<RulePlace> placeIn(const json& route) {
    RulePlace place;
    const json& rules = member(route, {"spec", "rules"});
    std::size_t found = 0;
    for (std::size_t i = 0; rules.is_array() && i < rules.size(); ++i) {
        const json& backends = member(rules[i], "backendRefs");
        if (!backends.is_array() || backends.empty())
            continue;
        ++found;
        place = {fmt::format("/spec/rules/{}/backendRefs", i), &backends};
    }
    if (found != 1)
        return fail(ErrorCode::InvalidInput, "HTTPRoute/{} has {} rules with backends, and Perch changes one.",
                    shownText(jsonText(member(route, "metadata"), "name"), 80), found);
    return place;
}

/// The versions of the backends of the one rule, in its order, and the one of them that is labelled neither canary nor
/// retired.
struct RuleVersions {
    std::vector<std::optional<Version>> all;
    std::optional<Version> stable;
};

Result<RuleVersions> versionsIn(ObjectWriter& writer, const RouteObject& route) {
    const KnownDeployments known = TRY(deploymentsIn(writer));
    const auto pointers = known.pointers();
    RuleVersions versions;
    for (const RouteObject::Backend& backend : route.rules.front()) {
        std::optional<ServiceVersion> version;
        if (!backend.service.empty()) {
            if (const auto service = TRY(writer.get(kube::resources::kServices, backend.service)))
                version = versionOf(TRY(serviceOf(*service)), pointers);
        }
        versions.all.push_back(version ? std::optional(version->version) : std::nullopt);
    }
    for (const DeploymentObject& deployment : known.objects) {
        const std::string role = labelOf(deployment.meta.labels, kRoleLabel);
        const bool other = role == "canary" || role == "retired";
        const Result<Version> version = versionIn(deployment.templateLabels);
        if (!other && version && std::ranges::find(versions.all, std::optional(*version)) != versions.all.end())
            versions.stable = *version;
    }
    return versions;
}

std::vector<std::string> namesIn(const std::string& text) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(", ", at), text.size());
        names.push_back(text.substr(at, end - at));
        at = end + 2;
    }
    return names;
}

std::string nameIn(const json& backend) {
    return jsonText(backend, "name");
}

/// The Service of another version: the ports of `stable`, its selector with the version, reachable inside the cluster.
json serviceLike(const json& stable, const std::string& name, const ModelName& model, const std::string& label) {
    json ports = member(stable, {"spec", "ports"});
    for (json& port : ports) {
        if (port.is_object())
            port.erase("nodePort");
    }
    json selector = member(stable, {"spec", "selector"});
    selector[kVersionLabel] = label;
    return {
        {"apiVersion", "v1"},
        {"kind", "Service"},
        {"metadata",
         {{"name", name}, {"labels", {{kModelLabel, model.text()}, {kVersionLabel, label}, {kManagerLabel, "perch"}}}}},
        {"spec", {{"selector", std::move(selector)}, {"ports", std::move(ports)}}}};
}

} // namespace

Result<std::string> ServiceVersionField::valueOf(ObjectWriter&, const json& object) const {
    const std::string label = jsonText(member(object, {"spec", "selector"}), kVersionLabel);
    if (label.empty())
        return std::string();
    const Result<Version> version = Version::parse(label);
    return version ? version->text() : label;
}

Result<json> ServiceVersionField::patchTo(ObjectWriter& writer, const json& object, const Step& step) const {
    const ServiceObject service = TRY(serviceOf(object));
    json test = testOf("/spec/selector", member(object, {"spec", "selector"}));
    if (step.after.empty())
        return json::array({std::move(test), {{"op", "remove"}, {"path", kSelectorVersionPath}}});
    const std::string label =
        TRY(labelIn(writer, service.selector, TRY(Version::parse(step.after)), service.meta.name));
    return json::array({std::move(test), setOf(kSelectorVersionPath, label)});
}

Result<std::string> HttpRouteField::whyNotYet(ObjectWriter& writer, const Step& step) const {
    const ObjectName name = TRY(ObjectName::parse(step.object));
    const std::optional<json> route = TRY(writer.get(kube::resources::kHttpRoutes, name.name));
    if (!route)
        return fmt::format("{} is gone.", step.object);
    const json& generation = member(*route, {"metadata", "generation"});
    const json& parents = member(*route, {"status", "parents"});
    for (const json& parent : parents.is_array() ? parents : json::array()) {
        const std::string gateway = shownText(jsonText(member(parent, "parentRef"), "name"), 80);
        const json& conditions = member(parent, "conditions");
        for (const json& condition : conditions.is_array() ? conditions : json::array()) {
            const std::string type = jsonText(condition, "type");
            if (type != "Accepted" && type != "ResolvedRefs")
                continue;
            const json& seen = member(condition, "observedGeneration");
            if (seen.is_number_integer() && generation.is_number_integer() && seen < generation)
                return fmt::format("Gateway {} has not taken the change of {} yet.", gateway, step.object);
            if (jsonText(condition, "status") == "False")
                return fmt::format("Gateway {} does not take {} ({}): {}", gateway, step.object,
                                   shownText(jsonText(condition, "reason")),
                                   shownText(jsonText(condition, "message"), 300));
        }
    }
    return std::string();
}

Result<std::string> HttpRouteBackends::valueOf(ObjectWriter&, const json& object) const {
    const RulePlace place = TRY(placeIn(object));
    std::string names;
    for (const json& backend : *place.backends)
        names += (names.empty() ? "" : ", ") + nameIn(backend);
    return names;
}

Result<void> HttpRouteBackends::prepare(ObjectWriter& writer, Step& step, const rollout::Intent& intent,
                                        DryRun dryRun) const {
    if (step.preconditions.empty())
        return {};
    const rollout::Precondition& source = step.preconditions.front();
    const ObjectName stable = TRY(ObjectName::parse(source.object));
    for (const std::string& name : namesIn(step.after)) {
        if (std::ranges::count(namesIn(step.before), name) > 0)
            continue;
        if (TRY(writer.get(kube::resources::kServices, name)))
            continue;
        const std::optional<json> like = TRY(writer.get(kube::resources::kServices, stable.name));
        if (!like || jsonText(member(*like, "metadata"), "uid") != source.value)
            return fail(ErrorCode::Conflict, "{}, of which Service/{} is to be a copy, is {}: read the plan again.",
                        source.object, name, like ? "another one now" : "gone");
        const std::string prefix = intent.model.text() + "-";
        const Version version = TRY(Version::parse(name.starts_with(prefix) ? name.substr(prefix.size()) : name));
        // The Deployment may be a step of the same plan: its label then follows stable's.
        const Result<std::string> known = labelIn(writer, TRY(serviceOf(*like)).selector, version, stable.name);
        const std::string label = known ? *known : version.text();
        step.changes = {fmt::format("Service/{} as a copy of {}: selector {} {}", name, source.object, kVersionLabel,
                                    version.text())};
        const Result<json> made =
            writer.create(kube::resources::kServices, serviceLike(*like, name, intent.model, label), dryRun);
        if (!made && made.error().code != ErrorCode::Conflict)
            return made.error();
    }
    return {};
}

Result<json> HttpRouteBackends::patchTo(ObjectWriter&, const json& object, const Step& step) const {
    const RulePlace place = TRY(placeIn(object));
    json wanted = json::array();
    for (const std::string& name : namesIn(step.after)) {
        const auto found = std::ranges::find(*place.backends, name, nameIn);
        json backend = found != place.backends->end() ? *found : place.backends->front();
        if (found == place.backends->end()) {
            backend["name"] = name;
            backend["weight"] = 0;
        }
        wanted.push_back(std::move(backend));
    }
    return json::array({testOf(place.path, *place.backends), setOf(place.path, wanted)});
}

Result<std::string> HttpRouteSplit::valueOf(ObjectWriter& writer, const json& object) const {
    const RouteObject route = TRY(routeOf(object));
    TRY(placeIn(object));
    const RuleVersions versions = TRY(versionsIn(writer, route));
    return splitOfRule(route.rules.front(), versions.all, versions.stable);
}

Result<json> HttpRouteSplit::patchTo(ObjectWriter& writer, const json& object, const Step& step) const {
    const RulePlace place = TRY(placeIn(object));
    const RouteObject route = TRY(routeOf(object));
    const std::vector<std::optional<Version>> versions = TRY(versionsIn(writer, route)).all;
    const rollout::Split split = TRY(rollout::Split::parse(step.after));
    const bool whole = split.canaryWeight.basisPoints() % 100 == 0;
    const auto weightOf = [&](Version version) {
        const Percent share = version == split.stable   ? split.stableWeight()
                              : version == split.canary ? split.canaryWeight
                                                        : Percent();
        return whole ? share.basisPoints() / 100 : share.basisPoints();
    };
    json wanted = *place.backends;
    std::vector<Version> given;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const bool first = versions[i] && std::ranges::find(given, *versions[i]) == given.end();
        wanted[i]["weight"] = first ? weightOf(*versions[i]) : 0;
        if (first)
            given.push_back(*versions[i]);
    }
    for (const Version version : {split.stable, split.canary.value_or(split.stable)}) {
        if (std::ranges::find(given, version) == given.end())
            return fail(ErrorCode::Conflict, "{} names no Service of {}.", step.object, version.text());
    }
    return json::array({testOf(place.path, *place.backends), setOf(place.path, wanted)});
}

} // namespace perch::kubernetes
