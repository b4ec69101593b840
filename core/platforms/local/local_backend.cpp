#include "core/platforms/local/local_backend.h"

#include "core/base/log.h"
#include "core/http/client.h"
#include "core/platforms/local/mirror_files.h"
#include "core/rollout/split.h"

#include <charconv>

namespace perch::local {

namespace {

using rollout::FieldState;
using rollout::Split;
using rollout::Step;

constexpr std::chrono::milliseconds kEffectPoll{10};

struct ObjectName {
    std::string kind;
    std::string name;
};

Result<ObjectName> parseObject(const std::string& object) {
    const std::size_t slash = object.find('/');
    if (slash == std::string::npos)
        return fail(ErrorCode::Internal, "\"{}\" is not an object of the local platform.", object);
    return ObjectName{object.substr(0, slash), object.substr(slash + 1)};
}

struct DeploymentName {
    ModelName model;
    Version version;
};

/// `churn-v2`
Result<DeploymentName> parseDeployment(const std::string& name) {
    const std::size_t dash = name.rfind("-v");
    if (dash == std::string::npos)
        return fail(ErrorCode::Internal, "\"{}\" is not a deployment: write it as churn-v2.", name);
    DeploymentName parsed;
    parsed.model = TRY(ModelName::parse(name.substr(0, dash)));
    parsed.version = TRY(Version::parse(name.substr(dash + 1)));
    return parsed;
}

Result<std::uint32_t> parseCount(const std::string& text) {
    if (text.empty())
        return std::uint32_t{0};
    std::uint32_t count = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (status != std::errc() || end != text.data() + text.size())
        return fail(ErrorCode::Internal, "\"{}\" is not a number of replicas.", text);
    return count;
}

Error unknownField(const std::string& object, const std::string& field) {
    return fail(ErrorCode::Internal, "The local platform has no field {} in {}.", field, object);
}

std::optional<Version> toVersion(const std::string& text) {
    const auto version = Version::parse(text);
    return version ? std::optional(*version) : std::nullopt;
}

} // namespace

LocalBackend::LocalBackend(LocalFiles files, LocalStore& store, registry::Registry& registry, const Clock& clock)
    : m_files(files), m_store(store), m_registry(registry), m_clock(clock), m_route(files) {}

Result<FieldState> LocalBackend::read(const std::string& object, const std::string& field) {
    const auto [kind, name] = TRY(parseObject(object));
    if (kind == "Deployment" && field == "replicas")
        return readDeployment(name);
    const ModelName model = TRY(ModelName::parse(name));
    if (kind == "Route" && field == "split")
        return readSplit(model);
    if (kind == "Mirror" && field == "target")
        return FieldState{{}, TRY(m_store.mirror(model))};
    if (kind == "Rollout" && field == "record") {
        const auto record = TRY(m_store.rolloutRecord(model));
        return record ? FieldState{record->uid, record->json} : FieldState{};
    }
    if (kind == "Alias") {
        const auto aliases = TRY(m_registry.aliases(model));
        const auto found = aliases.find(field);
        return FieldState{{}, found == aliases.end() ? std::string() : found->second.text()};
    }
    return unknownField(object, field);
}

Result<FieldState> LocalBackend::readDeployment(const std::string& name) {
    const auto [model, version] = TRY(parseDeployment(name));
    const auto deployment = TRY(m_store.deployment(model, version));
    return deployment ? FieldState{deployment->uid, std::to_string(deployment->replicas)} : FieldState{{}, "0"};
}

Result<FieldState> LocalBackend::readSplit(const ModelName& model) {
    const auto deployed = TRY(m_store.model(model));
    const auto target = TRY(m_route.read(model));
    FieldState state{deployed ? deployed->uid : std::string(), {}};
    if (target)
        state.value = Split{target->stable, target->canary, target->canaryWeight}.text();
    return state;
}

Result<void> LocalBackend::write(const Step& step, const rollout::Intent& intent) {
    const auto [kind, name] = TRY(parseObject(step.object));
    if (kind == "Deployment" && step.field == "replicas")
        return scale(name, step);
    const ModelName model = TRY(ModelName::parse(name));
    if (kind == "Route" && step.field == "split")
        return routeTraffic(model, step);
    if (kind == "Mirror" && step.field == "target")
        return m_store.replaceMirror(model, step.before, step.after);
    if (kind == "Rollout" && step.field == "record")
        return m_store.replaceRolloutRecord(model, step.before, step.after);
    if (kind == "Alias")
        return moveAlias(model, step, intent);
    return unknownField(step.object, step.field);
}

Result<void> LocalBackend::scale(const std::string& name, const Step& step) {
    const auto [model, version] = TRY(parseDeployment(name));
    Deployment wanted;
    wanted.model = model;
    wanted.version = version;
    wanted.replicas = TRY(parseCount(step.after));
    // A running version keeps its package, so that stopping it never needs the registry.
    if (const auto present = TRY(m_store.deployment(model, version))) {
        wanted.digest = present->digest;
        wanted.package = present->package;
    } else {
        const auto record = TRY(m_registry.version(model, version));
        wanted.digest = record.digest;
        wanted.package = record.package;
    }
    std::set<Version> routed;
    const SplitMap splits = TRY(m_route.wanted());
    if (const auto split = splits.find(model); split != splits.end()) {
        routed.insert(split->second.stable);
        if (split->second.canary)
            routed.insert(*split->second.canary);
    }
    return m_store.scale(wanted, TRY(parseCount(step.before)), routed, m_clock.now());
}

Result<std::optional<SplitTarget>> LocalBackend::toTarget(const ModelName& model, const std::string& splitText) {
    if (splitText.empty())
        return std::optional<SplitTarget>();
    const Split split = TRY(Split::parse(splitText));
    const auto slotOf = [&](Version version) -> Result<int> {
        const auto deployment = TRY(m_store.deployment(model, version));
        if (!deployment || deployment->slot < 0) {
            return fail(ErrorCode::Conflict, "{} {} has no replicas, so that no traffic can go there.", model.text(),
                        version.text());
        }
        return deployment->slot;
    };
    SplitTarget target;
    target.stable = split.stable;
    target.stableSlot = TRY(slotOf(split.stable));
    if (split.canary) {
        target.canary = split.canary;
        target.canarySlot = TRY(slotOf(*split.canary));
        target.canaryWeight = split.canaryWeight;
    }
    return std::optional(target);
}

Result<void> LocalBackend::routeTraffic(const ModelName& model, const Step& step) {
    // The slots of `before` do not matter for the comparison, and its versions may have none any more.
    std::optional<SplitTarget> before;
    if (!step.before.empty()) {
        const Split split = TRY(Split::parse(step.before));
        before = SplitTarget{0, 0, split.canaryWeight, split.stable, split.canary};
    }
    const auto after = TRY(toTarget(model, step.after));
    if (!after)
        return fail(ErrorCode::InvalidInput, "The local platform cannot take all traffic from {}.", model.text());
    TRY(m_route.write(model, before, *after));
    return {};
}

Result<void> LocalBackend::moveAlias(const ModelName& model, const Step& step, const rollout::Intent& intent) {
    return m_registry.moveAlias(model, step.field, toVersion(step.before), toVersion(step.after), intent.actor.identity,
                                intent.reason);
}

Result<bool> LocalBackend::isEffective(const Step& step) {
    const auto [kind, name] = TRY(parseObject(step.object));
    if (kind == "Route") {
        Result<SplitMap> served = HaproxySocket(m_files.haproxySocket()).splits();
        if (!served && served.error().code == ErrorCode::Unavailable) {
            // Nobody serves, so that no request can go elsewhere: HAProxy begins with the split of the file.
            log::warning("local",
                         "HAProxy does not run: the split {} of {} is recorded and takes effect when it starts.",
                         step.after, name);
            served = m_route.wanted();
        }
        const SplitMap splits = TRY(std::move(served));
        const auto found = splits.find(TRY(ModelName::parse(name)));
        return found != splits.end() &&
               Split{found->second.stable, found->second.canary, found->second.canaryWeight}.text() == step.after;
    }
    if (kind == "Mirror")
        return isMirrored(TRY(ModelName::parse(name)), step.after);
    if (kind != "Deployment")
        return true;
    const auto [model, version] = TRY(parseDeployment(name));
    const std::uint32_t wanted = TRY(parseCount(step.after));
    const std::optional<LocalStatus> status = TRY(liveStatus());
    if (!status)
        return false;
    std::uint32_t present = 0, ready = 0;
    for (const ReplicaStatus& replica : status->replicas) {
        if (replica.model != model || replica.version != version)
            continue;
        ++present;
        ready += replica.facts.state == fleet::Replica::State::Ready ? 1 : 0;
    }
    // Fewer replicas are wanted: in effect when the others have drained and ended.
    return ready >= wanted && (wanted > 0 || present == 0);
}

Result<std::optional<LocalStatus>> LocalBackend::liveStatus() const {
    LocalStatus status = TRY(LocalStatus::read(m_files.status()));
    if (status.alive(m_clock.now()))
        return std::optional(std::move(status));
    if (status.supervisorLives())
        return std::optional<LocalStatus>();
    return fail(ErrorCode::Unavailable, "The supervisor of the local platform does not run: perch local up.");
}

/// The end of a mirror is not waited for: an abort must not depend on a replica that hangs.
Result<bool> LocalBackend::isMirrored(const ModelName& model, const std::string& target) {
    const auto mirror = TRY(rollout::parseMirror(target));
    const auto route = TRY(m_route.read(model));
    if (!mirror || !route)
        return true;
    const std::optional<LocalStatus> status = TRY(liveStatus());
    return status && whyNoMirror(m_files, model, route->stable, *mirror, status->replicas).empty();
}

Result<void> LocalBackend::awaitEffect(const Step& step, std::stop_token stop, SteadyTime deadline) {
    for (;;) {
        if (TRY(isEffective(step)))
            return {};
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Waiting for {} was cancelled.", step.object);
        if (m_clock.steadyNow() > deadline)
            return fail(ErrorCode::Timeout, "{}: {} {} is not in effect yet.", step.object, step.field, step.after);
        http::pause(kEffectPoll, stop);
    }
}

} // namespace perch::local
