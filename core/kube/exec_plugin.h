#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/kube/kubeconfig.h"
#include "core/kube/program_run.h"

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace perch::kube {

/// What an exec plugin gave us to sign in with.
struct PluginCredential {
    Secret token;
    std::string certificate; ///< PEM
    Secret key;              ///< PEM
    std::optional<SystemTime> expires;
};

/// Runs the plugin of a context and reads its ExecCredential. Errors name the plugin and hold what it wrote to its
/// error output, or its installHint if it is not there: Denied if it fails or needs a terminal that there is not,
/// InvalidInput if what it prints is no ExecCredential of its version.
Result<PluginCredential> runExecPlugin(const ExecEntry& plugin, const ClusterEntry& cluster, const std::string& path,
                                       Program::Terminal terminal, const std::stop_token& stop);

/// Reads the ExecCredential that `plugin` printed.
Result<PluginCredential> parseExecCredential(std::string_view printed, const ExecEntry& plugin);

} // namespace perch::kube
