#include "core/rollout/plan_builder.h"

#include "core/rollout/plan_text.h"
#include "core/rollout/record_json.h"
#include "core/rollout/replica_ratio.h"

#include <cmath>

namespace perch::rollout {

namespace {

std::string scaleTitle(Version version, std::uint32_t before, std::uint32_t after) {
    if (after == 0)
        return fmt::format("Stop {} ({})", version.text(), replicasText(before));
    if (before == 0)
        return fmt::format("Start {} of {}", replicasText(after), version.text());
    if (after > before)
        return fmt::format("Start {} more of {}", replicasText(after - before), version.text());
    return fmt::format("Keep {} of {} of {}", after, replicasText(before), version.text());
}

std::string splitTitle(const Split& split) {
    if (!split.canary)
        return fmt::format("Send all traffic to {}", split.stable.text());
    return fmt::format("Send {} % of the traffic to {}", split.canaryWeight.text(), split.canary->text());
}

} // namespace

PlanBuilder::PlanBuilder(const fleet::ModelFacts& model, Plan& plan)
    : m_model(model), m_plan(plan), m_record(model.rollout), m_split(splitText(model.route)),
      m_mirror(mirrorText(model.mirror)) {
    for (const fleet::VersionFacts& version : model.versions) {
        m_replicas[version.version] = version.replicas.desired;
        if (!version.replicas.uid.empty())
            m_roles[version.version] = version.roleLabel;
    }
    for (const auto& [alias, version] : model.aliases)
        m_aliases[alias] = version.text();
    for (const std::string& name : model.route.listed)
        m_listed += (m_listed.empty() ? "" : ", ") + name;
}

std::uint32_t PlanBuilder::replicas(Version version) const {
    const auto found = m_replicas.find(version);
    return found == m_replicas.end() ? 0 : found->second;
}

std::string PlanBuilder::alias(const char* name) const {
    const auto found = m_aliases.find(name);
    return found == m_aliases.end() ? std::string() : found->second;
}

Step& PlanBuilder::add(Step step) {
    m_plan.steps.push_back(std::move(step));
    return m_plan.steps.back();
}

void PlanBuilder::writeRecord(std::string title, fleet::RolloutRecord next, std::string undo) {
    next.revision = m_record.revision + 1;
    add({.title = std::move(title),
        .object = m_model.rolloutObject.empty() ? "Rollout/" + m_model.model.text() : m_model.rolloutObject,
        .uid = m_model.rolloutUid,
        .field = "record",
        .before = recordText(m_record),
        .after = recordText(next),
        .undo = std::move(undo)});
    m_record = std::move(next);
}

std::string PlanBuilder::objectOf(Version version) const {
    const fleet::VersionFacts* facts = m_model.find(version);
    return facts == nullptr || facts->replicas.object.empty()
               ? fmt::format("Deployment/{}-{}", m_model.model.text(), version.text())
               : facts->replicas.object;
}

void PlanBuilder::scale(Version version, std::uint32_t count, bool required) {
    const std::uint32_t before = replicas(version);
    const fleet::VersionFacts* facts = m_model.find(version);
    const bool there = facts != nullptr && !facts->replicas.uid.empty();
    // Replicas that no object of this version wants are on their way out: an update in place has replaced them.
    const bool leaving = !there && before > 0 && m_model.keeper == fleet::Keeper::Objects;
    if (before == count || leaving)
        return;
    Step& step = add({.title = scaleTitle(version, before, count),
                      .object = objectOf(version),
                      .uid = there ? facts->replicas.uid : std::string(),
                      .field = "replicas",
                      .before = std::to_string(before),
                      .after = std::to_string(count),
                      .undo = fmt::format("Set the replicas of {} back to {}", version.text(), before),
                      .required = required});
    // What is not there yet is made from the stable version's object as it is now.
    if (!there && m_model.keeper == fleet::Keeper::Objects && m_model.route.stable) {
        const fleet::VersionFacts* stable = m_model.find(*m_model.route.stable);
        step.preconditions.push_back(
            {objectOf(*m_model.route.stable), "uid", stable == nullptr ? std::string() : stable->replicas.uid});
    }
    m_replicas[version] = count;
}

void PlanBuilder::role(Version version, fleet::Role role, bool required) {
    const auto label = m_roles.find(version);
    const std::string after(fleet::toString(role));
    if (m_model.keeper != fleet::Keeper::Objects || label == m_roles.end() || label->second == after)
        return;
    const std::string before = std::exchange(label->second, after);
    add({.title = fmt::format("Label {} as {}", version.text(), after),
         .object = objectOf(version),
         .uid = m_model.find(version)->replicas.uid,
         .field = "role",
         .before = before,
         .after = after,
         .undo = before.empty() ? fmt::format("Remove the role from {}", version.text())
                                : fmt::format("Label {} as {} again", version.text(), before),
         .required = required});
}

void PlanBuilder::onlyStable(Version version) {
    if (version != m_model.route.stable)
        role(version, fleet::Role::Stable);
    for (const fleet::VersionFacts& other : m_model.versions) {
        if (other.version == version)
            continue;
        // A canary without replicas is none, whatever its label says.
        if (other.version == m_model.route.stable || other.version == m_model.route.canary)
            role(other.version, fleet::Role::Retired, other.version == m_model.route.stable);
    }
}

void PlanBuilder::route(const Split& next) {
    if (next.text() == m_split)
        return;
    add({.title = splitTitle(next),
        .object = m_model.route.object.empty() ? "Route/" + m_model.model.text() : m_model.route.object,
        .uid = m_model.route.uid,
        .field = "split",
        .before = m_split,
        .after = next.text(),
        .undo = m_split.empty() ? "Send no traffic" : fmt::format("Set the split back to {}", m_split)});
    m_split = next.text();
}

void PlanBuilder::separate() {
    const fleet::Route& route = m_model.route;
    const fleet::Route::Address* stable = route.stable ? route.addressOf(*route.stable) : nullptr;
    if (stable == nullptr || stable->own)
        return;
    add({.title = fmt::format("Let {} select {} only", stable->object, route.stable->text()),
         .object = stable->object,
         .uid = stable->uid,
         .field = "version",
         .before = "",
         .after = route.stable->text(),
         .undo = fmt::format("Let {} select every version again", stable->object)});
}

void PlanBuilder::reach(Version version) {
    const fleet::Route& route = m_model.route;
    const fleet::Route::Address* stable = route.stable ? route.addressOf(*route.stable) : nullptr;
    const fleet::Route::Address* address = route.addressOf(version);
    if (stable == nullptr || (address != nullptr && address->listed))
        return;
    const std::string object =
        address != nullptr ? address->object : fmt::format("Service/{}-{}", m_model.model.text(), version.text());
    const std::string after = fmt::format("{}, {}", m_listed, object.substr(object.find('/') + 1));
    Step& step = add({.title = fmt::format("Let {} know {}, without traffic", route.object, version.text()),
                      .object = route.object,
                      .uid = route.uid,
                      .field = "backends",
                      .before = m_listed,
                      .after = after,
                      .undo = fmt::format("Take {} out of {}", version.text(), route.object)});
    if (address == nullptr)
        step.preconditions.push_back({stable->object, "uid", stable->uid});
    m_listed = after;
}

void PlanBuilder::mirror(const std::optional<fleet::Mirror>& next, bool required) {
    const std::string after = mirrorText(next);
    if (after == m_mirror)
        return;
    add({.title = next ? fmt::format("Send copies of {} % of the requests to {}", next->share.text(), next->version.text())
                       : fmt::format("Send no more copies to {}", m_mirror.substr(0, m_mirror.find(' '))),
        .object = "Mirror/" + m_model.model.text(),
        .field = "target",
        .before = m_mirror,
        .after = after,
        .undo = m_mirror.empty() ? "Send no copies" : fmt::format("Set the mirror back to {} %", m_mirror),
        .required = required});
    m_mirror = after;
}

void PlanBuilder::moveAlias(const char* name, std::optional<Version> to, bool required) {
    const std::string before = alias(name);
    const std::string after = to ? to->text() : std::string();
    if (before == after || m_model.keeper != fleet::Keeper::Registry)
        return;
    add({.title = after.empty() ? fmt::format("Remove the alias {} from {}", name, before)
                                : fmt::format("Move the alias {} to {}", name, after),
        .object = "Alias/" + m_model.model.text(),
        .field = name,
        .before = before,
        .after = after,
        .undo = before.empty() ? fmt::format("Remove the alias {}", name)
                               : fmt::format("Move the alias {} back to {}", name, before),
        .required = required});
    m_aliases[name] = after;
}

void PlanBuilder::stopOthers(const std::vector<Version>& keep, bool required) {
    for (const fleet::VersionFacts& facts : m_model.versions) {
        if (std::ranges::find(keep, facts.version) == keep.end())
            scale(facts.version, 0, required);
    }
}

std::uint32_t replicasFor(const fleet::ModelFacts& model, Percent weight) {
    if (model.lever == fleet::Lever::Replicas)
        return weight.basisPoints() == 10'000 ? wantedReplicas(model)
                                              : nearestRatio(wantedReplicas(model), weight).canary;
    const fleet::VersionFacts* stable = model.withRole(fleet::Role::Stable);
    const std::uint32_t whole = std::max({model.replicas, stable == nullptr ? 1U : stable->replicas.desired, 1U});
    const auto needed = static_cast<std::uint32_t>(std::ceil(whole * weight.share()));
    return std::max(needed, 1U);
}

} // namespace perch::rollout
