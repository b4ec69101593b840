#pragma once

#include "core/base/workspace.h"
#include "core/platforms/kubernetes/kube_source.h"
#include "core/rollout/platform.h"

namespace perch::kubernetes {

/// One namespace of a cluster as a platform. Everything is read; nothing is changed yet, so its backend refuses. The
/// journal and the audit are those of the workspace.
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
    /// No plan is made for a model that is fixed (fleet::ModelFacts::whyFixed), so nothing gets here.
    class Refusal final : public rollout::Backend {
    public:
        Result<rollout::FieldState> read(const std::string& object, const std::string& field) override;
        Result<void> write(const rollout::Step& step, const rollout::Intent& intent) override;
        Result<void> awaitEffect(const rollout::Step& step, std::stop_token stop, SteadyTime deadline) override;
    };

    KubePlatform(std::shared_ptr<kube::ApiSession> session, const std::string& prometheusUrl, Reading reading,
                 const Clock& clock)
        : m_source(std::move(session), prometheusUrl, reading, clock) {}

    KubeSource m_source;
    Refusal m_backend;
    std::unique_ptr<rollout::Operations> m_operations;
};

} // namespace perch::kubernetes
