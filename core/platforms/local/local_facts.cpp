#include "core/platforms/local/local_facts.h"

#include "core/base/number_format.h"
#include "core/fleet/live_facts.h"
#include "core/model/predict/package.h"
#include "core/platforms/local/mirror_files.h"
#include "core/platforms/local/monitoring.h"
#include "core/rollout/phase.h"
#include "core/rollout/record_json.h"
#include "core/rollout/split.h"

#include <algorithm>

namespace perch::local {

namespace {

using fleet::Role;
using fleet::SourceFacts;

constexpr Seconds kSourceEvery{1};
constexpr std::size_t kVersionsShown = 30; ///< of each model, beside those that run
constexpr Seconds kStoryChart{24 * 3600};

/// The span of the charts: a platform that is young would fill a sliver of a day's axis.
Seconds chartWindow(Seconds running, const MonitoringSchedule& schedule) {
    const Seconds whole(schedule.scaled(kStoryChart, 60));
    for (const Seconds window :
         {Seconds(60 * schedule.scrapeInterval()), Seconds(900), Seconds(3600), Seconds(6 * 3600)}) {
        if (running <= window)
            return std::min(window, whole);
    }
    return whole;
}

SourceFacts sourceOf(std::string name, std::optional<Seconds> age, Seconds interval, std::string problem) {
    SourceFacts source{std::move(name), SourceFacts::State::Ok, age.value_or(Seconds(0)), std::move(problem)};
    if (!age || *age > 5 * interval)
        source.state = SourceFacts::State::Down;
    else if (*age > 2 * interval)
        source.state = SourceFacts::State::Stale;
    return source;
}

SourceFacts processSource(std::string name, const fleet::Replica* process, Seconds age) {
    SourceFacts source{std::move(name), SourceFacts::State::Down, age, {}};
    if (process == nullptr)
        source.message = "The local platform does not run: perch local up.";
    else if (process->state == fleet::Replica::State::Ready)
        source.state = SourceFacts::State::Ok;
    else
        source.message = process->reason;
    return source;
}

/// The rollouts in which two versions serve: their counts are compared since the start.
std::map<std::string, telemetry::RolloutSpan> rolloutsOf(const fleet::Snapshot& snapshot) {
    std::map<std::string, telemetry::RolloutSpan> rollouts;
    for (const fleet::ModelFacts& model : snapshot.models) {
        const fleet::RolloutRecord& record = model.rollout;
        if (model.route.stable && model.route.canary && record.to == model.route.canary &&
            record.startedAt != SystemTime{})
            rollouts[model.model.text()] = {record.startedAt, model.route.stable->text(), model.route.canary->text()};
    }
    return rollouts;
}

Role roleOf(const fleet::ModelFacts& model, Version version) {
    if (model.route.stable == version)
        return Role::Stable;
    if (model.route.canary == version)
        return Role::Canary;
    return model.mirror && model.mirror->version == version ? Role::Shadow : Role::Retired;
}

/// Stable, canary, shadow, versions that still run, then newest first.
bool shownBefore(const fleet::VersionFacts& left, const fleet::VersionFacts& right) {
    const auto rank = [](const fleet::VersionFacts& v) {
        return v.role != Role::Retired ? static_cast<int>(v.role) : v.replicas.desired > 0 ? 10 : 20;
    };
    return std::pair(rank(left), right.version) < std::pair(rank(right), left.version);
}

void addReplicas(fleet::VersionFacts& version, const ModelName& model, const LocalStatus* status) {
    if (status == nullptr)
        return;
    for (const ReplicaStatus& replica : status->replicas) {
        if (replica.model != model || replica.version != version.version)
            continue;
        version.replicas.running += replica.facts.processId != 0 ? 1 : 0;
        version.replicas.ready += replica.facts.state == fleet::Replica::State::Ready ? 1 : 0;
        version.replicas.items.push_back(replica.facts);
    }
}

} // namespace

LocalFacts::LocalFacts(LocalFiles files, LocalStore& store, registry::Registry& registry, const Clock& clock)
    : m_files(files), m_store(store), m_registry(registry), m_clock(clock), m_route(files) {}

fleet::SnapshotPtr LocalFacts::readObjects(std::stop_token) {
    return std::make_shared<const fleet::Snapshot>(objects());
}

fleet::SnapshotPtr LocalFacts::read(std::stop_token stop) {
    fleet::Snapshot snapshot = objects();
    addQuality(snapshot, stop);
    return std::make_shared<const fleet::Snapshot>(std::move(snapshot));
}

fleet::Snapshot LocalFacts::objects() {
    fleet::Snapshot snapshot;
    snapshot.generation = ++m_generation;
    snapshot.takenAt = m_clock.now();
    snapshot.platform = "local";
    const auto status = LocalStatus::read(m_files.status());
    const bool alive = status && status->alive(snapshot.takenAt);
    std::optional<Seconds> age;
    std::string problem;
    if (status) {
        age = std::max(Seconds(0), Seconds(snapshot.takenAt - status->writtenAt));
        m_platformStartedAt = status->startedAt;
        snapshot.environment = status->settings.environment;
        snapshot.timeFactor = status->settings.timeFactor;
        problem = alive ? status->failure : "The supervisor does not write its status any more: perch local up.";
    } else {
        problem = status.error().code == ErrorCode::NotFound ? "The local platform does not run: perch local up."
                                                             : status.error().message;
    }
    snapshot.sources.push_back(sourceOf("Local platform", age, kSourceEvery, problem));
    if (!alive)
        snapshot.sources.back().state = SourceFacts::State::Down;
    snapshot.sources.push_back(
        processSource("Truth store", alive ? &status->truth : nullptr, age.value_or(Seconds(0))));
    const auto added = addModels(snapshot, alive ? &*status : nullptr);
    snapshot.sources.push_back(sourceOf("Registry", added ? std::optional(Seconds(0)) : std::nullopt, kSourceEvery,
                                        added ? std::string() : added.error().message));
    return snapshot;
}

Result<void> LocalFacts::addModels(fleet::Snapshot& snapshot, const LocalStatus* status) {
    std::vector<ModelName> names = TRY(m_registry.models());
    for (const DeployedModel& deployed : TRY(m_store.models()))
        names.push_back(deployed.model);
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const ModelName& name : names)
        snapshot.models.push_back(TRY(modelFacts(name, status)));
    return {};
}

Result<fleet::ModelFacts> LocalFacts::modelFacts(const ModelName& name, const LocalStatus* status) {
    fleet::ModelFacts model;
    model.model = name;
    model.backend = "local";
    model.route.object = "Route/" + name.text();
    if (const auto deployed = TRY(m_store.model(name))) {
        model.route.uid = deployed->uid;
        model.replicas = deployed->replicas;
        model.accuracyLimit = deployed->gates.accuracy;
        model.driftLimit = deployed->gates.drift;
        model.p99LimitMs = deployed->gates.p99Ms;
        model.errorRateLimit = deployed->gates.errorRate;
        model.minimumSample = deployed->gates.minimumSample;
        model.comparison = deployed->gates.comparison;
        if (!deployed->weights.empty())
            model.strategy = deployed->weights;
    }
    if (const auto target = TRY(m_route.read(name))) {
        model.route.stable = target->stable;
        model.route.canary = target->canary;
        model.route.canaryWeight = target->canaryWeight;
    }
    model.mirror = TRY(rollout::parseMirror(TRY(m_store.mirror(name))));
    if (model.mirror && model.route.stable)
        model.mirror->pending = status == nullptr
                                    ? "The local platform does not run: perch local up."
                                    : whyNoMirror(m_files, name, *model.route.stable, *model.mirror, status->replicas);
    if (const auto record = TRY(m_store.rolloutRecord(name))) {
        model.rollout = TRY(rollout::parseRecord(record->json));
        model.rolloutUid = record->uid;
    }
    model.aliases = TRY(m_registry.aliases(name));
    TRY(addVersions(model, status));
    const rollout::PhaseVerdict verdict = rollout::phaseOf(model);
    model.phase = verdict.phase;
    model.phaseReason = verdict.reason;
    return model;
}

Result<void> LocalFacts::addVersions(fleet::ModelFacts& model, const LocalStatus* status) {
    std::map<Version, fleet::VersionFacts> versions;
    const auto records = TRY(m_registry.versions(model.model));
    const std::size_t first = records.size() > kVersionsShown ? records.size() - kVersionsShown : 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
        const Version version = records[i].version;
        if (i < first && roleOf(model, version) == Role::Retired)
            continue;
        versions[version].record = records[i];
    }
    for (const Deployment& deployment : TRY(m_store.deployments())) {
        if (deployment.model != model.model)
            continue;
        fleet::Replicas& replicas = versions[deployment.version].replicas;
        replicas.desired = deployment.replicas;
        replicas.uid = deployment.uid;
    }
    for (auto& [version, facts] : versions) {
        facts.version = version;
        facts.role = roleOf(model, version);
        if (facts.role == Role::Stable)
            facts.wantedWeight = Percent::fromBasisPoints(10'000 - model.route.canaryWeight.basisPoints());
        else if (facts.role == Role::Canary)
            facts.wantedWeight = model.route.canaryWeight;
        addReplicas(facts, model.model, status);
        model.versions.push_back(std::move(facts));
    }
    std::ranges::sort(model.versions, shownBefore);
    return {};
}

telemetry::LiveQuality* LocalFacts::liveQuality() {
    const auto settings = LocalSettings::load(m_store);
    if (!settings || !settings->has_value())
        return m_quality.get();
    // One window for the fleet, so that the number of queries does not grow with it: the widest that a model asks for.
    const MonitoringSchedule schedule{(*settings)->timeFactor};
    const auto models = m_store.models();
    Seconds story{0};
    for (const DeployedModel& model : models ? *models : std::vector<DeployedModel>())
        story = std::max(story, model.gates.window);
    const Seconds window = Seconds(schedule.scaled(story > Seconds(0) ? story : spec::GateSpec().window, 5));
    if (m_quality && m_qualityPort == (*settings)->prometheusPort && m_qualityWindow == window)
        return m_quality.get();
    m_qualityWindow = window;
    telemetry::LiveQuality::Options options;
    options.freshness = {window, Seconds(schedule.scrapeInterval())};
    m_quality = std::make_unique<telemetry::LiveQuality>((*settings)->prometheusUrl(), options);
    m_qualityPort = (*settings)->prometheusPort;
    return m_quality.get();
}

/// The positive class of each model, from the package of its stable version.
std::map<std::string, std::string> LocalFacts::positives(const fleet::Snapshot& snapshot) {
    std::map<std::string, std::string> positives;
    for (const fleet::ModelFacts& model : snapshot.models) {
        const fleet::VersionFacts* stable = model.withRole(Role::Stable);
        if (stable == nullptr || !stable->record)
            continue;
        const registry::VersionRecord& record = *stable->record;
        auto known = m_positives.find(record.digest);
        if (known == m_positives.end()) {
            const auto package = model::Package::load(record.package, record.digest);
            const bool binary = package && package->card.classes.size() == 2;
            known = m_positives.emplace(record.digest, binary ? package->card.classes[1] : std::string()).first;
        }
        positives[model.model.text()] = known->second;
    }
    return positives;
}

void LocalFacts::addQuality(fleet::Snapshot& snapshot, std::stop_token stop) {
    telemetry::LiveQuality* quality = liveQuality();
    if (quality == nullptr) {
        snapshot.sources.insert(snapshot.sources.begin() + 1, processSource("Prometheus", nullptr, Seconds(0)));
        return;
    }
    // Right after a change the split is measured from the change on, if that leaves a few scrapes.
    const MonitoringSchedule schedule{snapshot.timeFactor};
    const Seconds scrape(schedule.scrapeInterval());
    Seconds since = 12 * scrape;
    for (const fleet::ModelFacts& model : snapshot.models) {
        if (model.rollout.revision > 0)
            since = std::min(since, Seconds(snapshot.takenAt - model.rollout.stepSince));
    }
    quality->setWeightWindow(std::clamp(since, 4 * scrape, 12 * scrape));
    quality->setRollouts(rolloutsOf(snapshot));
    quality->setChartWindow(chartWindow(Seconds(snapshot.takenAt - m_platformStartedAt), schedule));
    quality->read(positives(snapshot), snapshot.takenAt, stop);
    if (snapshot.takenAt - m_seriesReadAt > 2 * schedule.scrapeInterval()) {
        quality->readSeries(snapshot.takenAt, stop);
        m_seriesReadAt = snapshot.takenAt;
    }
    snapshot.sources.insert(snapshot.sources.begin() + 1, fleet::addLive(snapshot, quality->last()));
}

} // namespace perch::local
