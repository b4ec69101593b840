#include "core/platforms/kubernetes/rollout_record_map.h"

#include "core/base/json.h"
#include "core/platforms/kubernetes/kube_objects.h"

#include <nlohmann/json.hpp>

namespace perch::kubernetes {

using nlohmann::json;

std::string recordObjectOf(const ModelName& model) {
    return "ConfigMap/perch-rollout-" + model.text();
}

Result<std::string> RolloutRecordMap::valueOf(ObjectWriter&, const json& object) const {
    return jsonText(member(object, "data"), "record");
}

Result<json> RolloutRecordMap::patchTo(ObjectWriter&, const json& object, const rollout::Step& step) const {
    if (!member(object, "data").is_object())
        return json::array({testOf("/metadata/resourceVersion", member(object, {"metadata", "resourceVersion"})),
                            setOf("/data", {{"record", step.after}})});
    return json::array({testOf("/data/record", member(object, {"data", "record"})), setOf("/data/record", step.after)});
}

Result<json> RolloutRecordMap::make(ObjectWriter&, rollout::Step& step, const rollout::Intent& intent) const {
    const ObjectName name = TRY(ObjectName::parse(step.object));
    return json{
        {"apiVersion", "v1"},
        {"kind", "ConfigMap"},
        {"metadata",
         {{"name", name.name},
          {"labels", {{kModelLabel, intent.model.text()}, {kRecordLabel, "rollout"}, {kManagerLabel, "perch"}}}}},
        {"data", {{"record", step.after}}}};
}

} // namespace perch::kubernetes
