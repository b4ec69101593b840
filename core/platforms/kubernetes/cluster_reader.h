#pragma once

#include "core/kube/api_session.h"
#include "core/kube/object_list.h"
#include "core/platforms/kubernetes/kind_reader.h"
#include "core/platforms/kubernetes/kube_facts.h"

#include <array>
#include <condition_variable>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace perch::kubernetes {

/// How a program reads: a verb once each time it asks, a window as long as it is open.
enum class Reading { Once, Watched };

/// What is known of a namespace at one moment.
struct ClusterState {
    KubeFacts facts;
    bool listed = false;       ///< every kind has been read at least once
    std::string problem;       ///< why some kind cannot be read now, one sentence; empty: all can
    SystemTime currentAt{};    ///< of a problem: when all was last known to be true
    std::string changeProblem; ///< why what a change must know cannot be read now (records, routes); empty: it can
};

/// Reads the objects of one namespace that the facts are made of: Deployments (all, since they are few), the
/// ReplicaSets and Pods that carry the label of a model, and, for changes, the ConfigMaps with rollout records,
/// Services and HTTPRoutes (if the server knows those). Watched: one watch for each, on threads of their own, from the
/// construction to the destruction. Who may not read the last three sees the models all the same. Called from one
/// thread at a time.
class ClusterReader {
public:
    ClusterReader(std::shared_ptr<kube::ApiSession> session, Reading reading, const Clock& clock);
    ~ClusterReader();

    /// What is true now. Once: lists all. Watched: waits, the first time, until all kinds have been listed or one of
    /// them failed.
    ClusterState read(const std::stop_token& stop);

    /// See fleet::FactsSource.
    void onChange(std::function<void()> changed);

    const kube::ApiSession& session() const { return *m_session; }

private:
    void tell();
    std::vector<std::pair<kube::ObjectSink*, kube::ObjectScope>> kinds();
    void listAll(const std::stop_token& stop);
    std::array<const KindState*, 3> states() const;       ///< of what there must be
    std::array<const KindState*, 3> changeStates() const; ///< of what a change must know
    Result<bool> knowsRoutes(const std::stop_token& stop);
    bool awaitRoutes(const std::stop_token& stop);

    std::shared_ptr<kube::ApiSession> m_session;
    const Reading m_reading;
    const Clock& m_clock;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::function<void()> m_onChange;
    KubeObjects m_objects;
    KindReader<DeploymentObject> m_deployments;
    KindReader<ReplicaSetObject> m_replicaSets;
    KindReader<PodObject> m_pods;
    KindReader<RecordObject> m_records;
    KindReader<ServiceObject> m_services;
    KindReader<RouteObject> m_routes;
    std::vector<std::jthread> m_watches;
};

} // namespace perch::kubernetes
