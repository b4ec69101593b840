#pragma once

#include "core/kube/api_session.h"
#include "core/kube/kubeconfig.h"

#include <memory>
#include <string>

namespace perch::kube {

/// Which cluster a program is for, as given on its command line.
struct ClusterChoice {
    std::string file;      ///< --kubeconfig; empty: KUBECONFIG, else ~/.kube/config, else that of the Pod we run in
    std::string context;   ///< --context; empty: the current one
    std::string nameSpace; ///< --namespace; empty: that of the context

    bool any() const { return !file.empty() || !context.empty() || !nameSpace.empty(); }
};

/// The kubeconfig that a choice means, with the variables of this process's environment. Errors: loadKubeconfig.
Result<Kubeconfig> loadChosenConfig(const std::string& file);

/// The session of the chosen context; nothing is sent yet. An exec plugin may ask on the terminal if there is one.
/// `clock` must outlive it.
Result<std::shared_ptr<ApiSession>> openSession(const ClusterChoice& choice, Program::Terminal terminal,
                                                const Clock& clock);

} // namespace perch::kube
