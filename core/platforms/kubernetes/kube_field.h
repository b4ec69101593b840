#pragma once

#include "core/platforms/kubernetes/object_writer.h"
#include "core/rollout/backend.h"

namespace perch::kubernetes {

/// How one field of plans (`Deployment/churn replicas`) is kept in objects of the API: read from an object, brought to
/// a value by operations of a patch, and in effect or not yet. KubeBackend compares and sends.
class KubeField {
public:
    virtual ~KubeField() = default;
    virtual const kube::Resource& resource() const = 0;
    /// The field's value in the text form of plans.
    virtual Result<std::string> valueOf(ObjectWriter& writer, const nlohmann::json& object) const = 0;
    /// Of an object that is not there.
    virtual std::string valueOfNothing() const { return {}; }
    /// The operations that bring the field to `step.after`, each with a `test` on what it replaces. The identity is
    /// tested by the caller.
    virtual Result<nlohmann::json> patchTo(ObjectWriter& writer, const nlohmann::json& object,
                                           const rollout::Step& step) const = 0;
    /// Makes what the value needs and is not there yet; says in `step.changes` what. Idempotent.
    virtual Result<void> prepare(ObjectWriter& writer, rollout::Step& step, const rollout::Intent& intent,
                                 DryRun dryRun) const;
    /// The object that the step makes where there is none; says in `step.changes` in words what of. NotFound where it
    /// can make none.
    virtual Result<nlohmann::json> make(ObjectWriter& writer, rollout::Step& step, const rollout::Intent& intent) const;
    /// Why `step.after` is not in effect yet, in one sentence; empty: it is.
    virtual Result<std::string> whyNotYet(ObjectWriter& writer, const rollout::Step& step) const;
};

/// `Deployment/churn-v2` in its two parts.
struct ObjectName {
    std::string kind, name;
    static Result<ObjectName> parse(const std::string& object);
};

/// The operation that holds only while the value at `path` is `value`.
nlohmann::json testOf(std::string path, const nlohmann::json& value);
/// The operation that sets the value at `path`, whether there is one or not.
nlohmann::json setOf(std::string path, const nlohmann::json& value);

} // namespace perch::kubernetes
