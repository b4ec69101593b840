#pragma once

#include "core/base/workspace.h"
#include "core/platforms/kubernetes/cluster_reader.h"
#include "core/rollout/platform.h"

#include <functional>
#include <memory>
#include <string>

namespace perch::console {

/// Opens the platform that the window is for. Each thread that works with it opens its own: the one that reads keeps
/// watching, the one that acts reads when it must.
using PlatformOpener = std::function<Result<std::unique_ptr<rollout::Platform>>(kubernetes::Reading)>;

/// `clock` must outlive what is opened; `identity` acts.
PlatformOpener localPlatform(const Workspace& workspace, const Clock& clock, const std::string& identity);
PlatformOpener clusterPlatform(std::shared_ptr<kube::ApiSession> session, const std::string& prometheusUrl,
                               const Workspace& workspace, const Clock& clock, const std::string& identity);

} // namespace perch::console
