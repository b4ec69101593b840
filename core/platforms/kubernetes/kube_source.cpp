#include "core/platforms/kubernetes/kube_source.h"

#include "core/fleet/live_facts.h"
#include "core/kube/kubeconfig.h"
#include "core/rollout/phase.h"
#include "core/spec/model_spec.h"

#include <algorithm>

namespace perch::kubernetes {

namespace {

using fleet::SourceFacts;

/// What Prometheus' own configuration has where nobody changes it; series older than two scrapes are stale.
constexpr Seconds kScrapeInterval{15};
constexpr Seconds kQualityEvery{1}; ///< however often the cluster changes
constexpr Seconds kSeriesEvery{30};
constexpr Seconds kSameFor{60}; ///< a snapshot where nothing happens: ages are to be seen growing

/// Whether one of the words that a name is made of begins so: `prod-eu`, `ml_production`.
bool hasWord(std::string_view name, std::string_view beginning) {
    bool inside = false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool letter = std::isalnum(static_cast<unsigned char>(name[i])) != 0;
        if (letter && !inside && name.substr(i).starts_with(beginning))
            return true;
        inside = letter;
    }
    return false;
}

SourceFacts clusterSource(const ClusterState& state, const kube::ApiSession& session, SystemTime now) {
    SourceFacts source{"Kubernetes", SourceFacts::State::Ok, Seconds(0), {}};
    if (state.problem.empty() && !state.listed) {
        source.state = SourceFacts::State::Down;
        source.message = fmt::format("{} has not told everything yet.", session.host());
    } else if (!state.problem.empty()) {
        source.state = SourceFacts::State::Down;
        source.age = std::max(Seconds(0), Seconds(now - state.currentAt));
        source.message = state.problem;
    }
    return source;
}

} // namespace

std::string environmentOf(std::string_view context, std::string_view nameSpace) {
    for (const auto& [word, environment] :
         {std::pair("prod", "production"), std::pair("live", "production"), std::pair("stag", "staging")}) {
        if (hasWord(context, word) || hasWord(nameSpace, word))
            return environment;
    }
    return "development";
}

KubeSource::KubeSource(std::shared_ptr<kube::ApiSession> session, const std::string& prometheusUrl, Reading reading,
                       const Clock& clock)
    : m_clock(clock), m_access(session, clock), m_reading(reading), m_reader(std::move(session), reading, clock) {
    m_reader.onChange([this] { ++m_changes; });
    if (!prometheusUrl.empty())
        m_quality.emplace(prometheusUrl,
                          telemetry::LiveQuality::Options{
                              .freshness = {.window = spec::GateSpec().window, .scrapeInterval = kScrapeInterval}});
}

void KubeSource::onChange(std::function<void()> changed) {
    m_reader.onChange([this, changed = std::move(changed)] {
        ++m_changes;
        changed();
    });
}

fleet::SnapshotPtr KubeSource::readObjects(std::stop_token stop) {
    return std::make_shared<const fleet::Snapshot>(objects(stop));
}

fleet::SnapshotPtr KubeSource::read(std::stop_token stop) {
    const std::uint64_t changes = m_changes;
    const bool same = m_reading == Reading::Watched && m_last != nullptr && !m_quality && changes == m_changesOfLast;
    if (same && m_clock.now() - m_last->takenAt < kSameFor)
        return m_last;
    fleet::Snapshot snapshot = objects(stop);
    addQuality(snapshot, stop);
    m_last = std::make_shared<const fleet::Snapshot>(std::move(snapshot));
    m_changesOfLast = changes;
    return m_last;
}

fleet::Snapshot KubeSource::objects(const std::stop_token& stop) {
    const kube::KubeAccess& access = m_reader.session().access();
    ClusterState state = m_reader.read(stop);
    fleet::Snapshot snapshot;
    snapshot.generation = ++m_generation;
    snapshot.takenAt = m_clock.now();
    snapshot.platform = access.context;
    snapshot.nameSpace = access.nameSpace;
    snapshot.environment = environmentOf(access.context, access.nameSpace);
    snapshot.sources.push_back(clusterSource(state, m_reader.session(), snapshot.takenAt));
    snapshot.models = std::move(state.facts.models);
    for (fleet::ModelFacts& model : snapshot.models) {
        const rollout::PhaseVerdict verdict = rollout::phaseOf(model);
        model.phase = verdict.phase;
        model.phaseReason = verdict.reason;
        if (model.route.canary && model.rollout.revision == 0) {
            model.phase = fleet::Phase::Stepping;
            model.phaseReason = fmt::format("{} takes traffic as a canary; no rollout of Perch has begun it.",
                                            model.route.canary->text());
        }
    }
    addChangeability(snapshot, state, stop);
    for (const NotAModel& refused : state.facts.refused)
        snapshot.notes.push_back(fmt::format("Deployment {}: {}", refused.deployment, refused.reason));
    return snapshot;
}

/// What stands against every action on a model: that it may not be done, or that its record is not known.
void KubeSource::addChangeability(fleet::Snapshot& snapshot, const ClusterState& state, const std::stop_token& stop) {
    if (snapshot.models.empty())
        return;
    const std::string& denied = m_access.whyNot(stop);
    for (fleet::ModelFacts& model : snapshot.models) {
        model.whyNoMirror = "Perch cannot send copies of requests to a version in a cluster yet.";
        if (!denied.empty())
            model.whyFixed = denied;
        else if (!state.changeProblem.empty())
            model.whyFixed = state.changeProblem;
    }
}

void KubeSource::addQuality(fleet::Snapshot& snapshot, const std::stop_token& stop) {
    if (!m_quality) {
        const telemetry::QualityReading none{.problem = "No address of a Prometheus was given: --prometheus."};
        snapshot.sources.push_back(fleet::addLive(snapshot, none));
        return;
    }
    if (snapshot.takenAt - m_qualityReadAt >= kQualityEvery) {
        m_quality->read({}, snapshot.takenAt, stop);
        m_qualityReadAt = snapshot.takenAt;
    }
    if (snapshot.takenAt - m_seriesReadAt > kSeriesEvery) {
        m_quality->readSeries(snapshot.takenAt, stop);
        m_seriesReadAt = snapshot.takenAt;
    }
    snapshot.sources.push_back(fleet::addLive(snapshot, m_quality->last()));
}

} // namespace perch::kubernetes
