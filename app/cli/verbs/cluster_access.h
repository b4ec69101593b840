#pragma once

#include "app/cli/context.h"
#include "core/kube/api_session.h"

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace perch::cli {

/// Which cluster a verb is for, as given on the command line.
struct ClusterChoice {
    std::string file;      ///< --kubeconfig; empty: KUBECONFIG, else ~/.kube/config, else that of the Pod we run in
    std::string context;   ///< --context; empty: the current one
    std::string nameSpace; ///< -n; empty: that of the context
};

/// Adds the options of a choice to a verb.
void addClusterOptions(CLI::App& verb, const std::shared_ptr<ClusterChoice>& choice);

/// The session of the chosen context; nothing is sent yet. An exec plugin may ask on the terminal, if there is one.
Result<std::shared_ptr<kube::ApiSession>> openSession(const Context& context, const ClusterChoice& choice);

/// Value of an environment variable; empty if it is not set.
std::string environmentText(const char* name);

} // namespace perch::cli
