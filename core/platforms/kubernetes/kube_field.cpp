#include "core/platforms/kubernetes/kube_field.h"

#include <nlohmann/json.hpp>

namespace perch::kubernetes {

Result<nlohmann::json> KubeField::make(ObjectWriter&, rollout::Step& step, const rollout::Intent&) const {
    return fail(ErrorCode::NotFound, "There is no {} in the namespace.", step.object);
}

Result<void> KubeField::prepare(ObjectWriter&, rollout::Step&, const rollout::Intent&, DryRun) const {
    return {};
}

Result<std::string> KubeField::whyNotYet(ObjectWriter&, const rollout::Step&) const {
    return std::string();
}

Result<ObjectName> ObjectName::parse(const std::string& object) {
    const std::size_t slash = object.find('/');
    if (slash == std::string::npos || slash + 1 == object.size())
        return fail(ErrorCode::Internal, "\"{}\" is no object of a cluster.", object);
    return ObjectName{object.substr(0, slash), object.substr(slash + 1)};
}

nlohmann::json testOf(std::string path, const nlohmann::json& value) {
    return {{"op", "test"}, {"path", std::move(path)}, {"value", value}};
}

nlohmann::json setOf(std::string path, const nlohmann::json& value) {
    return {{"op", "add"}, {"path", std::move(path)}, {"value", value}};
}

} // namespace perch::kubernetes
