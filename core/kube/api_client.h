#pragma once

#include "core/kube/api_session.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace perch::kube {

struct ApiRequest {
    std::string method = "GET";
    std::string path; ///< `/api/v1/pods`, see pathOf
    std::vector<std::pair<std::string, std::string>> query = {};
    std::string body = {};
    std::string contentType = "application/json"; ///< of the body: a patch has one of its own
    std::string accept = "application/json";      ///< what the answer may be written in
    std::chrono::milliseconds deadline{30'000};
};

/// Asks the API server of a context. One per thread: it holds a connection of its own; sessions are shared. It signs
/// in, once more with fresh credentials if the server does not accept the first (401), and waits while the server is
/// busy (429 with Retry-After) up to `ApiOptions::longestBusy`; anything else is tried once. Errors are those of the
/// HTTP client, of the credentials and of `apiError`.
class ApiClient {
public:
    explicit ApiClient(std::shared_ptr<ApiSession> session);
    ~ApiClient();
    ApiClient(ApiClient&&) noexcept;
    ApiClient& operator=(ApiClient&&) noexcept;

    /// The document of a good answer; an error for any other.
    Result<nlohmann::json> send(const ApiRequest& request, std::stop_token stop = {});
    /// The answer, whatever its status. With a sink, the body of a good one goes there.
    Result<http::Response> exchange(const ApiRequest& request, const http::ByteSink* sink, std::stop_token stop = {});
    /// What an answer that is no success means.
    Error errorOf(const http::Response& answer, const ApiRequest& request) const;

    ApiSession& session() { return *m_session; }

private:
    Result<http::Response> exchangeOnce(const http::Request& request, const SignIn& signIn, const http::ByteSink* sink,
                                        const std::stop_token& stop);

    std::shared_ptr<ApiSession> m_session;
    std::optional<http::Client> m_http;
    std::uint64_t m_signedIn = 0; ///< number of the sign-in whose certificate m_http shows
};

} // namespace perch::kube
