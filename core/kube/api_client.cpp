#include "core/kube/api_client.h"

#include "core/base/json.h"
#include "core/kube/api_error.h"

#include <nlohmann/json.hpp>

namespace perch::kube {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

/// Where a busy server says no time to wait, and the longest of the pauses that we make at least.
constexpr milliseconds kBusyPause{1'000};
constexpr milliseconds kShortestPause{10};

/// How long a busy server wants us to wait; nothing if it is not busy. kube-apiserver says 429, what stands before it
/// may say 503 with Retry-After.
std::optional<milliseconds> busyFor(const http::Response& answer) {
    const std::optional<milliseconds> wish =
        http::retryAfter(http::findHeader(answer.headers, "Retry-After").value_or(""));
    if (answer.status == 429)
        return wish.value_or(kBusyPause);
    return answer.status == 503 ? wish : std::nullopt;
}

} // namespace

ApiClient::ApiClient(std::shared_ptr<ApiSession> session) : m_session(std::move(session)) {}
ApiClient::~ApiClient() = default;
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;

Error ApiClient::errorOf(const http::Response& answer, const ApiRequest& request) const {
    return apiError(answer, {.host = m_session->host(),
                             .context = m_session->access().context,
                             .signIn = signInOf(m_session->access().user),
                             .path = request.path});
}

Result<http::Response> ApiClient::exchangeOnce(const http::Request& request, const SignIn& signIn,
                                               const http::ByteSink* sink, const std::stop_token& stop) {
    // A certificate belongs to a connection: those that showed another one are closed.
    if (!m_http || m_signedIn != signIn.number)
        m_http.emplace(m_session->clientOptions(signIn));
    m_signedIn = signIn.number;
    m_session->rate().count();
    return sink != nullptr ? m_http->stream(request, *sink, stop) : m_http->send(request, stop);
}

Result<http::Response> ApiClient::exchange(const ApiRequest& request, const http::ByteSink* sink,
                                           std::stop_token stop) {
    http::Request wanted{.method = request.method,
                         .url = m_session->server() + request.path,
                         .body = request.body,
                         .deadline = request.deadline};
    if (!request.query.empty())
        wanted.url += "?" + http::formEncode(request.query);
    milliseconds waited{0}, least = kShortestPause;
    for (bool again = false;;) {
        const SignIn signIn = TRY(m_session->credentials().current(stop));
        wanted.headers = m_session->headers(signIn);
        wanted.headers.emplace_back("Accept", request.accept);
        if (!request.body.empty())
            wanted.headers.emplace_back("Content-Type", request.contentType);
        http::Response answer = TRY(exchangeOnce(wanted, signIn, sink, stop));
        if (answer.status == 401 && !again && m_session->credentials().refused(signIn)) {
            again = true;
            continue;
        }
        const std::optional<milliseconds> wish = busyFor(answer);
        // "At once" must not become a busy loop.
        const milliseconds pause = std::max(wish.value_or(milliseconds(0)), least);
        if (!wish || waited + pause > m_session->options().longestBusy)
            return answer;
        least = std::min(least * 2, kBusyPause);
        waited += pause;
        if (!http::pause(pause, stop))
            return fail(ErrorCode::Cancelled, "The request to {} was cancelled.", m_session->host());
    }
}

Result<json> ApiClient::send(const ApiRequest& request, std::stop_token stop) {
    const http::Response answer = TRY(exchange(request, nullptr, stop));
    if (!answer.ok())
        return errorOf(answer, request);
    return parseJson(answer.body, fmt::format("The answer of {} about {}", m_session->host(), request.path));
}

} // namespace perch::kube
