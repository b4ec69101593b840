#include "core/platforms/kubernetes/cluster_reader.h"

#include "core/base/parallel.h"
#include "core/http/client.h"
#include "core/kube/watch.h"
#include "core/platforms/kubernetes/rollout_record_map.h"

#include <algorithm>

namespace perch::kubernetes {

namespace {

/// Of the first reading in a window: what is missing then is said, and comes later.
constexpr std::chrono::seconds kFirstReading{10};
/// How often a server that knows no HTTPRoutes is asked again, and one that does not answer.
constexpr std::chrono::seconds kRoutesEvery{60}, kRoutesRetry{5};

} // namespace

ClusterReader::ClusterReader(std::shared_ptr<kube::ApiSession> session, Reading reading, const Clock& clock)
    : m_session(std::move(session)),
      m_reading(reading),
      m_clock(clock),
      m_deployments(m_mutex, clock, deploymentOf, m_objects.deployments, [this] { tell(); }),
      m_replicaSets(m_mutex, clock, replicaSetOf, m_objects.replicaSets, [this] { tell(); }),
      m_pods(m_mutex, clock, podOf, m_objects.pods, [this] { tell(); }),
      m_records(m_mutex, clock, recordOf, m_objects.records, [this] { tell(); }),
      m_services(m_mutex, clock, serviceOf, m_objects.services, [this] { tell(); }),
      m_routes(m_mutex, clock, routeOf, m_objects.routes, [this] { tell(); }) {
    if (reading == Reading::Once)
        return;
    for (const auto& [sink, scope] : kinds()) {
        m_watches.emplace_back([this, sink, scope](const std::stop_token& stop) {
            if (sink == &m_routes && !awaitRoutes(stop))
                return;
            kube::ApiClient client(m_session);
            kube::watchObjects(client, scope, *sink, {}, stop);
        });
    }
}

/// Whether the server knows HTTPRoutes. What it does not know there is none of.
Result<bool> ClusterReader::knowsRoutes(const std::stop_token& stop) {
    kube::ApiClient client(m_session);
    const kube::Resource& route = kube::resources::kHttpRoutes;
    const auto known = client.send({.path = fmt::format("/apis/{}/{}", route.group, route.version)}, stop);
    if (!known && known.error().code != ErrorCode::NotFound)
        return known.error();
    if (!known) {
        m_routes.listing();
        m_routes.listed();
    }
    return known.has_value();
}

/// Returns when the server knows HTTPRoutes; false when stopped. A CRD may be installed later.
bool ClusterReader::awaitRoutes(const std::stop_token& stop) {
    for (;;) {
        const Result<bool> known = knowsRoutes(stop);
        if (known && *known)
            return true;
        if (!known)
            m_routes.failed(known.error(), kRoutesEvery);
        if (!http::pause(known ? kRoutesEvery : kRoutesRetry, stop))
            return false;
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
        {&m_pods, {.resource = kube::resources::kPods, .nameSpace = nameSpace, .labels = kModelLabel}},
        {&m_records,
         {.resource = kube::resources::kConfigMaps,
          .nameSpace = nameSpace,
          .labels = fmt::format("{}=rollout", kRecordLabel)}},
        {&m_services, {.resource = kube::resources::kServices, .nameSpace = nameSpace}},
        {&m_routes, {.resource = kube::resources::kHttpRoutes, .nameSpace = nameSpace}}};
}

void ClusterReader::listAll(const std::stop_token& stop) {
    const auto all = kinds();
    inParallel(all.size(), [&](std::size_t i) {
        const auto& [sink, scope] = all[i];
        if (sink == &m_routes) {
            const Result<bool> known = knowsRoutes(stop);
            if (!known)
                sink->failed(known.error(), {});
            if (!known || !*known)
                return;
        }
        kube::ApiClient client(m_session);
        if (const auto listed = kube::listObjects(client, scope, *sink, stop); !listed)
            sink->failed(listed.error(), {});
    });
}

std::array<const KindState*, 3> ClusterReader::states() const {
    return {&m_deployments.state(), &m_replicaSets.state(), &m_pods.state()};
}

std::array<const KindState*, 3> ClusterReader::changeStates() const {
    return {&m_records.state(), &m_services.state(), &m_routes.state()};
}

ClusterState ClusterReader::read(const std::stop_token& stop) {
    if (m_reading == Reading::Once)
        listAll(stop);
    std::unique_lock lock(m_mutex);
    const auto told = [](const KindState* kind) { return kind->listed || !kind->problem.empty(); };
    m_changed.wait_for(lock, stop, kFirstReading, [&] {
        return std::ranges::all_of(states(), told) && std::ranges::all_of(changeStates(), told);
    });
    ClusterState state{.facts = makeFacts(m_objects), .listed = true};
    for (const KindState* kind : changeStates()) {
        if (state.changeProblem.empty() && (!kind->listed || !kind->problem.empty()))
            state.changeProblem =
                kind->problem.empty() ? "Records, Services and routes have not been read yet." : kind->problem;
    }
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
