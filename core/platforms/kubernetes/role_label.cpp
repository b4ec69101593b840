#include "core/platforms/kubernetes/role_label.h"

#include "core/base/json.h"
#include "core/platforms/kubernetes/kube_objects.h"

#include <nlohmann/json.hpp>

namespace perch::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kRolePath = "/metadata/labels/perch.dev~1role";

} // namespace

Result<std::string> RoleLabel::valueOf(ObjectWriter&, const json& object) const {
    return jsonText(member(object, {"metadata", "labels"}), kRoleLabel);
}

Result<json> RoleLabel::patchTo(ObjectWriter&, const json& object, const rollout::Step& step) const {
    const json& labels = member(object, {"metadata", "labels"});
    if (!labels.is_object())
        return json::array({testOf("/metadata/resourceVersion", member(object, {"metadata", "resourceVersion"})),
                            setOf("/metadata/labels", {{kRoleLabel, step.after}})});
    json test = testOf(kRolePath, member(labels, kRoleLabel));
    if (step.after.empty())
        return json::array({std::move(test), {{"op", "remove"}, {"path", kRolePath}}});
    return json::array({std::move(test), setOf(kRolePath, step.after)});
}

} // namespace perch::kubernetes
