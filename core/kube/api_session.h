#pragma once

#include "core/http/client.h"
#include "core/kube/credentials.h"
#include "core/kube/request_rate.h"

#include <memory>
#include <string>

namespace perch::kube {

/// What comes from the environment of the program and not from the kubeconfig.
struct ApiOptions {
    std::string path;         ///< PATH, for exec plugins
    std::string proxy = {};   ///< HTTPS_PROXY; a proxy-url of the kubeconfig goes before it
    std::string noProxy = {}; ///< NO_PROXY; loopback never goes through a proxy of the environment
    Program::Terminal terminal = Program::Terminal::No;
    std::chrono::milliseconds connectDeadline{5'000};
    std::chrono::milliseconds longestBusy{60'000}; ///< how long one request waits in all while the server is busy (429)
};

/// What all clients of one context share: where the server is, how to sign in, and the count of requests. Immutable but
/// for the sign-in and the count, which are safe from any thread.
class ApiSession {
public:
    /// InvalidInput if the server's address is none. `clock` must outlive it. Nothing is sent and no plugin runs yet.
    static Result<std::shared_ptr<ApiSession>> open(KubeAccess access, ApiOptions options, const Clock& clock);

    const KubeAccess& access() const { return m_access; }
    const ApiOptions& options() const { return m_options; }
    const std::string& server() const { return m_server; } ///< `https://10.0.0.1:6443`, without a slash at the end
    const std::string& host() const { return m_host; }     ///< `10.0.0.1:6443`
    Credentials& credentials() { return m_credentials; }
    RequestRate& rate() { return m_rate; }

    /// For a client that signs in with this.
    http::Client::Options clientOptions(const SignIn& signIn) const;
    /// Those of every request: who signs in, and whom the server is asked to take us for.
    http::Headers headers(const SignIn& signIn) const;

private:
    ApiSession(KubeAccess access, ApiOptions options, std::string server, std::string host, const Clock& clock);

    const KubeAccess m_access;
    const ApiOptions m_options;
    const std::string m_server, m_host;
    Credentials m_credentials;
    RequestRate m_rate;
};

} // namespace perch::kube
