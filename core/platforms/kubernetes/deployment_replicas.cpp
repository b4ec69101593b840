#include "core/platforms/kubernetes/deployment_replicas.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/kube/object_list.h"
#include "core/platforms/kubernetes/kube_objects.h"
#include "core/platforms/kubernetes/pod_reason.h"
#include "core/platforms/kubernetes/version_clone.h"

#include <nlohmann/json.hpp>

#include <charconv>

namespace perch::kubernetes {

namespace {

using nlohmann::json;
using rollout::Step;

constexpr std::size_t kMostPodsAsked = 100;

std::int64_t numberOf(const json& value) {
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

Result<std::uint32_t> countOf(const std::string& text) {
    std::uint32_t count = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (status != std::errc() || end != text.data() + text.size())
        return fail(ErrorCode::Internal, "\"{}\" is not a number of replicas.", text);
    return count;
}

Result<Version> versionOfTemplate(const json& deployment) {
    return Version::parse(jsonText(member(deployment, {"spec", "template", "metadata", "labels"}), kVersionLabel));
}

/// `churn-v2` of the model churn.
Result<Version> versionOfName(const std::string& name, const ModelName& model) {
    const std::string prefix = model.text() + "-";
    if (!name.starts_with(prefix))
        return fail(ErrorCode::NotFound, "There is no Deployment {}.", shownText(name));
    return Version::parse(name.substr(prefix.size()));
}

/// `a=b,c in (d)` as the API takes it; expressions that it cannot say are left out and select more.
std::string selectorText(const json& selector) {
    std::string text;
    for (const auto& [key, value] : member(selector, "matchLabels").items()) {
        if (value.is_string())
            text += (text.empty() ? "" : ",") + key + "=" + value.get<std::string>();
    }
    return text;
}

/// Why the first Pod of a Deployment that is not ready is not; empty if all that are there are, or cannot be asked.
std::string podReason(ObjectWriter& writer, const json& deployment) {
    const auto pods =
        writer.client().send({.path = kube::pathOf(kube::resources::kPods, writer.nameSpace()),
                              .query = {{"labelSelector", selectorText(member(deployment, {"spec", "selector"}))},
                                        {"limit", std::to_string(kMostPodsAsked)}}});
    if (!pods)
        return "";
    const Result<Version> version = versionOfTemplate(deployment);
    const json& items = member(*pods, "items");
    for (const json& item : items.is_array() ? items : json::array()) {
        const Result<PodObject> pod = podOf(item);
        if (!pod || pod->meta.ending || pod->ready())
            continue;
        // The selector of stable may select the Pods of another version too.
        const Result<Version> own = versionIn(pod->meta.labels);
        if (version && (!own || *own != *version))
            continue;
        return fmt::format(" {}: {}", shownText(pod->meta.name, 80), replicaOf(*pod).reason);
    }
    return "";
}

} // namespace

Result<std::string> DeploymentReplicas::valueOf(ObjectWriter&, const json& object) const {
    const json& replicas = member(object, {"spec", "replicas"});
    return replicas.is_number_integer() ? std::to_string(replicas.get<std::int64_t>()) : std::string("1");
}

Result<json> DeploymentReplicas::patchTo(ObjectWriter&, const json& object, const Step& step) const {
    if (step.uid.empty() && !step.preconditions.empty()) {
        const ObjectName name = TRY(ObjectName::parse(step.object));
        const json& labels = member(object, {"spec", "template", "metadata", "labels"});
        const std::string model = jsonText(labels, kModelLabel);
        const Result<Version> version = versionOfTemplate(object);
        const Result<Version> wanted = Version::parse(name.name.substr(name.name.rfind('-') + 1));
        if (!version || !wanted || *version != *wanted || !name.name.starts_with(model))
            return fail(ErrorCode::Conflict, "There is a {} already, and it does not serve what its name says.",
                        step.object);
    }
    const std::int64_t count = TRY(countOf(step.after));
    return json::array(
        {testOf("/spec/replicas", member(object, {"spec", "replicas"})), setOf("/spec/replicas", count)});
}

Result<json> DeploymentReplicas::make(ObjectWriter& writer, Step& step, const rollout::Intent& intent) const {
    const ObjectName name = TRY(ObjectName::parse(step.object));
    if (step.preconditions.empty())
        return fail(ErrorCode::NotFound, "There is no {} any more.", step.object);
    const rollout::Precondition& source = step.preconditions.front();
    const ObjectName stable = TRY(ObjectName::parse(source.object));
    const std::optional<json> object = TRY(writer.get(resource(), stable.name));
    if (!object || jsonText(member(*object, "metadata"), "uid") != source.value)
        return fail(ErrorCode::Conflict, "{}, of which {} is to be a copy, is {}: read the plan again.", source.object,
                    step.object, object ? "another one now" : "gone");
    const CloneWish wish{.model = intent.model,
                         .from = TRY(versionOfTemplate(*object)),
                         .to = TRY(versionOfName(name.name, intent.model)),
                         .name = name.name,
                         .replicas = TRY(countOf(step.after))};
    return cloneDeployment(*object, wish, step.changes);
}

Result<std::string> DeploymentReplicas::whyNotYet(ObjectWriter& writer, const Step& step) const {
    const ObjectName name = TRY(ObjectName::parse(step.object));
    const std::int64_t wanted = TRY(countOf(step.after));
    const std::optional<json> object = TRY(writer.get(resource(), name.name));
    if (!object)
        return wanted == 0 ? std::string() : fmt::format("{} is gone.", step.object);
    const json& status = member(*object, "status");
    const bool seen =
        numberOf(member(status, "observedGeneration")) >= numberOf(member(*object, {"metadata", "generation"}));
    const std::int64_t all = numberOf(member(status, "replicas")), ready = numberOf(member(status, "readyReplicas")),
                       updated = numberOf(member(status, "updatedReplicas"));
    // Fewer are wanted: Pods that are ending take no requests and are not counted. More: those of the template now.
    if (seen && all == wanted && updated == wanted && ready >= wanted)
        return std::string();
    if (!seen)
        return fmt::format("The controller of {} has not seen the change yet.", step.object);
    const Result<DeploymentObject> deployment = deploymentOf(*object);
    const std::string problem = deployment ? shownText(deployment->problem, 300) : "";
    return fmt::format("{} of {} replicas of {} are ready.{}{}", std::min(ready, wanted), wanted, step.object,
                       podReason(writer, *object), problem.empty() ? "" : fmt::format(" {}", problem));
}

} // namespace perch::kubernetes
