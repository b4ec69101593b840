#pragma once

#include "core/base/workspace.h"
#include "core/platforms/local/local_settings.h"
#include "core/registry/registry.h"
#include "core/rollout/platform.h"

#include <memory>
#include <optional>

namespace perch::local {

/// The local platform of a workspace, put together: its facts, its backend, its registry and its operations. Opening
/// starts nothing; the platform itself is run by LocalRuntime. One thread at a time: a program that reads on one
/// thread and acts on another opens it twice.
class LocalPlatform final : public rollout::Platform {
public:
    /// `clock` must outlive the platform. `identity` is written into journal, audit and locks.
    static Result<std::unique_ptr<LocalPlatform>> open(const Workspace& workspace, const Clock& clock,
                                                       const std::string& identity = {});
    ~LocalPlatform() override;

    fleet::FactsSource& facts() override;
    rollout::Backend& backend();
    registry::Registry& registry();
    rollout::Operations& operations() override;
    std::string whyEmpty() override;
    /// Addresses and time factor; nothing before the first `perch local up`.
    Result<std::optional<LocalSettings>> settings();

private:
    struct Parts;
    explicit LocalPlatform(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> m_parts;
};

} // namespace perch::local
