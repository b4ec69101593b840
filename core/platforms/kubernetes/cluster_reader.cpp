#include "core/platforms/kubernetes/cluster_reader.h"

#include "core/base/parallel.h"
#include "core/kube/watch.h"

#include <algorithm>

namespace perch::kubernetes {

namespace {

/// Of the first reading in a window: what is missing then is said, and comes later.
constexpr std::chrono::seconds kFirstReading{10};

} // namespace

ClusterReader::ClusterReader(std::shared_ptr<kube::ApiSession> session, Reading reading, const Clock& clock)
    : m_session(std::move(session)),
      m_reading(reading),
      m_clock(clock),
      m_deployments(m_mutex, clock, deploymentOf, m_objects.deployments, [this] { tell(); }),
      m_replicaSets(m_mutex, clock, replicaSetOf, m_objects.replicaSets, [this] { tell(); }),
      m_pods(m_mutex, clock, podOf, m_objects.pods, [this] { tell(); }) {
    if (reading == Reading::Once)
        return;
    for (const auto& [sink, scope] : kinds()) {
        m_watches.emplace_back([this, sink, scope](const std::stop_token& stop) {
            kube::ApiClient client(m_session);
            kube::watchObjects(client, scope, *sink, {}, stop);
        });
    }
}

ClusterReader::~ClusterReader() {
    for (std::jthread& watch : m_watches)
        watch.request_stop();
}

void ClusterReader::onChange(std::function<void()> changed) {
    const std::lock_guard guard(m_mutex);
    m_onChange = std::move(changed);
}

/// With the mutex held.
void ClusterReader::tell() {
    m_changed.notify_all();
    if (m_onChange)
        m_onChange();
}

std::vector<std::pair<kube::ObjectSink*, kube::ObjectScope>> ClusterReader::kinds() {
    const std::string& nameSpace = m_session->access().nameSpace;
    return {
        {&m_deployments, {.resource = kube::resources::kDeployments, .nameSpace = nameSpace}},
        {&m_replicaSets, {.resource = kube::resources::kReplicaSets, .nameSpace = nameSpace, .labels = kModelLabel}},
        {&m_pods, {.resource = kube::resources::kPods, .nameSpace = nameSpace, .labels = kModelLabel}}};
}

void ClusterReader::listAll(const std::stop_token& stop) {
    const auto all = kinds();
    inParallel(all.size(), [&](std::size_t i) {
        const auto& [sink, scope] = all[i];
        kube::ApiClient client(m_session);
        if (const auto listed = kube::listObjects(client, scope, *sink, stop); !listed)
            sink->failed(listed.error(), {});
    });
}

std::array<const KindState*, 3> ClusterReader::states() const {
    return {&m_deployments.state(), &m_replicaSets.state(), &m_pods.state()};
}

ClusterState ClusterReader::read(const std::stop_token& stop) {
    if (m_reading == Reading::Once)
        listAll(stop);
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, stop, kFirstReading, [this] {
        return std::ranges::all_of(states(),
                                   [](const KindState* kind) { return kind->listed || !kind->problem.empty(); });
    });
    ClusterState state{.facts = makeFacts(m_objects), .listed = true};
    for (const KindState* kind : states()) {
        state.listed = state.listed && kind->listed;
        if (!kind->problem.empty() && (state.problem.empty() || kind->currentAt < state.currentAt)) {
            state.problem = kind->problem;
            state.currentAt = kind->currentAt;
        }
    }
    return state;
}

} // namespace perch::kubernetes
