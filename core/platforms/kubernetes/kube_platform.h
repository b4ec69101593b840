#pragma once

#include "core/base/workspace.h"
#include "core/platforms/kubernetes/kube_backend.h"
#include "core/platforms/kubernetes/kube_source.h"
#include "core/rollout/platform.h"

namespace perch::kubernetes {

/// One namespace of a cluster as a platform: facts, backend, and Leases that keep actors apart. The journal and the
/// audit are in a folder of the workspace for this cluster and namespace.
class KubePlatform final : public rollout::Platform {
public:
    /// `clock` must outlive the platform. `identity` is written into the audit.
    static Result<std::unique_ptr<KubePlatform>> open(std::shared_ptr<kube::ApiSession> session,
                                                      const std::string& prometheusUrl, Reading reading,
                                                      const Workspace& workspace, const Clock& clock,
                                                      const std::string& identity);

    fleet::FactsSource& facts() override { return m_source; }
    rollout::Operations& operations() override { return *m_operations; }

private:
    KubePlatform(std::shared_ptr<kube::ApiSession> session, const std::string& prometheusUrl, Reading reading,
                 const Clock& clock)
        : m_source(session, prometheusUrl, reading, clock), m_backend(std::move(session), clock) {}

    KubeSource m_source;
    KubeBackend m_backend;
    std::unique_ptr<rollout::Operations> m_operations;
};

} // namespace perch::kubernetes
