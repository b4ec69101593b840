#include "core/platforms/kubernetes/kube_backend.h"

#include "core/base/json.h"
#include "core/http/client.h"
#include "core/rollout/plan_text.h"
#include "core/rollout/step_writer.h"

#include <nlohmann/json.hpp>

#include <set>

namespace perch::kubernetes {

namespace {

using nlohmann::json;
using rollout::Check;
using rollout::FieldState;
using rollout::Step;
using std::chrono::milliseconds;

/// A Pod of a model server fetches its image and loads its model: minutes, not seconds.
constexpr std::chrono::seconds kPodsDeadline{180};
constexpr milliseconds kFirstLook{50}, kLongestLook{500};
/// Of all dry runs of a plan together.
constexpr milliseconds kTryOut{5'000}, kUrgentTryOut{500};

std::string uidOf(const json& object) {
    return jsonText(member(object, "metadata"), "uid");
}

/// A record is swapped as a text: also what does not count as another rollout, such as the head of the audit, is
/// written.
bool isValue(const Step& step, const std::string& value, const std::string& wanted) {
    return rollout::isRecord(step) ? value == wanted : rollout::sameValue(step, value, wanted);
}

/// What a refused write may mean: that a `test` of the patch failed, or that somebody was faster.
bool mayBeMeanwhile(const Error& error) {
    return error.code == ErrorCode::Conflict || error.code == ErrorCode::InvalidInput;
}

/// Whether an error says nothing about the plan: no answer, or a webhook that knows no dry runs.
bool saysNothing(const Error& error) {
    return error.code == ErrorCode::Unavailable || error.code == ErrorCode::Timeout ||
           error.code == ErrorCode::Cancelled || error.message.find("dry run") != std::string::npos;
}

Check refusedCheck(const Step& step, const Error& refusal) {
    if (saysNothing(refusal))
        return {Check::State::NotChecked, "Dry run: not checked", refusal.message};
    return {step.required ? Check::State::Fail : Check::State::ToKnow,
            fmt::format("Dry run: {} {} is refused", step.object, step.field), refusal.message};
}

} // namespace

KubeBackend::KubeBackend(std::shared_ptr<kube::ApiSession> session, const Clock& clock)
    : m_clock(clock), m_writer(std::move(session)) {}

std::chrono::seconds KubeBackend::replicasDeadline() const {
    return kPodsDeadline;
}

Result<const KubeField*> KubeBackend::fieldOf(const std::string& object, const std::string& field) const {
    const ObjectName name = TRY(ObjectName::parse(object));
    if (name.kind == "Deployment" && field == "replicas")
        return &m_replicas;
    if (name.kind == "Deployment" && field == "role")
        return &m_role;
    if (name.kind == "ConfigMap" && field == "record")
        return &m_record;
    if (name.kind == "Service" && field == "version")
        return &m_serviceVersion;
    if (name.kind == "HTTPRoute" && field == "backends")
        return &m_routeBackends;
    if (name.kind == "HTTPRoute" && field == "split")
        return &m_routeSplit;
    return fail(ErrorCode::Internal, "A cluster has no field {} in {}.", field, object);
}

Result<FieldState> KubeBackend::read(const std::string& object, const std::string& field) {
    const KubeField* kind = TRY(fieldOf(object, field));
    const ObjectName name = TRY(ObjectName::parse(object));
    const std::optional<json> found = TRY(m_writer.get(kind->resource(), name.name));
    if (!found)
        return FieldState{{}, kind->valueOfNothing()};
    return FieldState{uidOf(*found), TRY(kind->valueOf(m_writer, *found))};
}

Result<void> KubeBackend::write(const Step& step, const rollout::Intent& intent) {
    const KubeField& kind = *TRY(fieldOf(step.object, step.field));
    const ObjectName name = TRY(ObjectName::parse(step.object));
    const std::optional<json> now = TRY(m_writer.get(kind.resource(), name.name));
    const std::string value = now ? TRY(kind.valueOf(m_writer, *now)) : kind.valueOfNothing();
    if (isValue(step, value, step.after))
        return {};
    if (!isValue(step, value, step.before) || (now && !step.uid.empty() && uidOf(*now) != step.uid))
        return sayWhatIsThere(kind, step, Error{ErrorCode::Conflict, ""});
    if (!now)
        return create(kind, step, intent);
    TRY(prepare(kind, step, intent));
    json operations = TRY(kind.patchTo(m_writer, *now, step));
    operations.insert(operations.begin(), testOf("/metadata/uid", uidOf(*now)));
    const Result<json> written = m_writer.patch(kind.resource(), name.name, operations);
    return written ? Result<void>() : sayWhatIsThere(kind, step, written.error());
}

Result<void> KubeBackend::prepare(const KubeField& kind, const Step& step, const rollout::Intent& intent) {
    Step prepared = step;
    return kind.prepare(m_writer, prepared, intent, DryRun::No);
}

Result<void> KubeBackend::create(const KubeField& kind, const Step& step, const rollout::Intent& intent) {
    Step made = step;
    const json object = TRY(kind.make(m_writer, made, intent));
    if (!step.changes.empty() && made.changes != step.changes)
        return fail(ErrorCode::Conflict, "What {} is made of has changed since the plan was made: read the plan again.",
                    step.object);
    const Result<json> created = m_writer.create(kind.resource(), object);
    return created ? Result<void>() : sayWhatIsThere(kind, step, created.error());
}

/// After a write that was refused: fine if the value is there all the same, else what is there, else the refusal.
Result<void> KubeBackend::sayWhatIsThere(const KubeField& kind, const Step& step, Error refusal) {
    if (!mayBeMeanwhile(refusal))
        return refusal;
    const ObjectName name = TRY(ObjectName::parse(step.object));
    const std::optional<json> now = TRY(m_writer.get(kind.resource(), name.name));
    const std::string value = now ? TRY(kind.valueOf(m_writer, *now)) : kind.valueOfNothing();
    if (now && !step.uid.empty() && uidOf(*now) != step.uid)
        return fail(ErrorCode::Conflict, "{} is not the one that the plan was made for: read the plan again.",
                    step.object);
    if (isValue(step, value, step.after))
        return {};
    if (isValue(step, value, step.before) && !refusal.message.empty())
        return refusal;
    return fail(ErrorCode::Conflict, "{} {} is \"{}\" now, not \"{}\": somebody else changed it.", step.object,
                step.field, rollout::valueWords(step.field, value), rollout::valueWords(step.field, step.before));
}

Result<void> KubeBackend::awaitEffect(const Step& step, std::stop_token stop, SteadyTime deadline) {
    const KubeField& kind = *TRY(fieldOf(step.object, step.field));
    std::string why;
    for (milliseconds pause = kFirstLook;; pause = std::min(pause * 2, kLongestLook)) {
        // An API server that is away for a moment must not end the wait.
        const Result<std::string> now = kind.whyNotYet(m_writer, step);
        if (!now && now.error().code != ErrorCode::Unavailable && now.error().code != ErrorCode::Timeout)
            return now.error();
        why = now ? *now : now.error().message;
        if (why.empty())
            return {};
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Waiting for {} was cancelled.", step.object);
        if (m_clock.steadyNow() > deadline)
            return fail(ErrorCode::Timeout, "{}", why);
        http::pause(pause, stop);
    }
}

/// The error is why the step makes no sense; nothing or else what the server said against it.
Result<std::optional<Error>> KubeBackend::tryStep(Step& step, const rollout::Intent& intent,
                                                  const std::stop_token& stop) {
    const auto said = [](const Result<json>& answer) {
        return answer ? std::optional<Error>() : std::optional<Error>(answer.error());
    };
    const KubeField& kind = *TRY(fieldOf(step.object, step.field));
    const ObjectName name = TRY(ObjectName::parse(step.object));
    const Result<std::optional<json>> now = m_writer.get(kind.resource(), name.name, stop);
    if (!now)
        return std::optional<Error>(now.error());
    if (now->has_value()) {
        if (const Result<void> made = kind.prepare(m_writer, step, intent, DryRun::Yes); !made)
            return std::optional<Error>(made.error());
        const json operations = TRY(kind.patchTo(m_writer, **now, step));
        return said(m_writer.patch(kind.resource(), name.name, operations, DryRun::Yes, stop));
    }
    const json object = TRY(kind.make(m_writer, step, intent));
    return said(m_writer.create(kind.resource(), object, DryRun::Yes, stop));
}

Result<void> KubeBackend::tryOut(rollout::Plan& plan, std::stop_token stop) {
    const auto end = m_clock.steadyNow() + (rollout::isUrgent(plan.intent.action) ? kUrgentTryOut : kTryOut);
    std::set<std::pair<std::string, std::string>> tried;
    for (Step& step : plan.steps) {
        // What the plan has written before cannot be tried before it is.
        const bool route = step.object.starts_with("HTTPRoute/");
        if (!tried.emplace(step.object, route ? std::string() : step.field).second)
            continue;
        const auto left = std::chrono::duration_cast<milliseconds>(end - m_clock.steadyNow());
        if (left <= milliseconds(0)) {
            plan.dryRun = {Check::State::NotChecked, "Dry run: not checked",
                           "The API server takes too long to answer."};
            return {};
        }
        m_writer.setDeadline(left);
        Result<std::optional<Error>> refused = tryStep(step, plan.intent, stop);
        m_writer.setDeadline(ObjectWriter::kDeadline);
        if (const std::optional<Error> refusal = TRY(std::move(refused))) {
            plan.dryRun = refusedCheck(step, *refusal);
            return {};
        }
    }
    plan.dryRun = {
        Check::State::Pass, "Dry run: the API server takes every step",
        fmt::format("{} {} tried, none was done.", tried.size(), tried.size() == 1 ? "write was" : "writes were")};
    return {};
}

} // namespace perch::kubernetes
