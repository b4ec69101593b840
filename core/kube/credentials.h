#pragma once

#include "core/base/clock.h"
#include "core/kube/exec_plugin.h"
#include "core/kube/kubeconfig.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace perch::kube {

/// What one request signs in with.
struct SignIn {
    Secret authorization;    ///< value of the Authorization header; empty: none
    std::string certificate; ///< PEM of a plugin; empty: that of the kubeconfig, if any
    Secret key;
    std::uint64_t number = 0; ///< another one after each run of the plugin
};

/// How the user of one context signs in, as kubectl does it: a token file, which is read again for each request, before
/// a token, a token before a password, and a plugin only where there is none of these. A plugin's answer is kept until
/// it expires or the server refuses it. Safe from any thread: the watches of a cluster share one sign-in, and while the
/// plugin runs for one of them the others wait.
class Credentials {
public:
    /// `path`: where plugins are looked up. `clock` must outlive it.
    Credentials(KubeAccess access, std::string path, Program::Terminal terminal, const Clock& clock);

    /// What to sign in with now; runs the plugin if there is none yet or it has expired. Errors of token file and
    /// plugin.
    Result<SignIn> current(const std::stop_token& stop);
    /// The server does not accept `used` (401). True if it is worth asking again, with what `current` says then.
    bool refused(const SignIn& used);

private:
    Result<SignIn> fromPlugin(const std::stop_token& stop);

    const KubeAccess m_access;
    const std::string m_path;
    const Program::Terminal m_terminal;
    const Clock* m_clock;
    std::mutex m_mutex;
    std::optional<PluginCredential> m_kept;
    std::uint64_t m_number = 0;
};

/// How a user signs in, without any value of it: `token`, `certificate`, `plugin aws`, `password` or `nothing`, and
/// `, as deployer` if it impersonates.
std::string signInOf(const UserEntry& user);

} // namespace perch::kube
