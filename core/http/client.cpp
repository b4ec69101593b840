#include "core/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace perch::http {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// libcurl wants one call before its first use in a program, from one thread.
void initializeOnce() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    (void)code;
}

/// What libcurl's callbacks fill while a transfer runs.
struct Transfer {
    Response response;
    std::size_t bodyLimit = 0;
    bool tooLarge = false;
};

std::size_t onBody(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const std::size_t length = size * count;
    if (transfer.response.body.size() + length > transfer.bodyLimit) {
        transfer.tooLarge = true;
        return 0;
    }
    transfer.response.body.append(bytes, length);
    return length;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t onHeader(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& headers = static_cast<Transfer*>(context)->response.headers;
    const std::string_view line(bytes, size * count);
    // A status line begins a new answer (after 100 Continue).
    if (line.starts_with("HTTP/"))
        headers.clear();
    else if (const auto colon = line.find(':'); colon != std::string_view::npos)
        headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return line.size();
}

/// `127.0.0.1:9090` or the socket's path: what an error is about.
std::string peerOf(const Request& request) {
    if (!request.unixSocket.empty())
        return request.unixSocket.string();
    std::string peer = request.url;
    CURLU* parts = curl_url();
    char *host = nullptr, *port = nullptr;
    if (curl_url_set(parts, CURLUPART_URL, request.url.c_str(), 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
        peer = fmt::format("{}:{}", host, port);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return peer;
}

Error errorOf(CURLcode code, const Request& request, const Transfer& transfer) {
    const std::string peer = peerOf(request);
    Error error;
    switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        error = fail(ErrorCode::InvalidInput, "\"{}\" is not an HTTP address.", request.url);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        error = fail(ErrorCode::Timeout, "{} did not answer within {} ms.", peer, request.deadline.count());
        break;
    case CURLE_COULDNT_CONNECT:
        error = fail(ErrorCode::Unavailable, "Nobody answers at {}.", peer);
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        error = fail(ErrorCode::Unavailable, "The name in {} is unknown.", peer);
        break;
    case CURLE_WRITE_ERROR:
        if (transfer.tooLarge) {
            error = fail(ErrorCode::InvalidInput, "The answer of {} is longer than {} bytes.", peer, transfer.bodyLimit);
            break;
        }
        [[fallthrough]];
    default:
        error = fail(ErrorCode::Unavailable, "The connection to {} failed: {}.", peer, curl_easy_strerror(code));
        break;
    }
    error.where = peer;
    return error;
}

struct HeaderList {
    curl_slist* list = nullptr;
    ~HeaderList() { curl_slist_free_all(list); }
    void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

/// A line break in a header would let data become another header, or another request.
bool hasLineBreak(const Headers& headers) {
    return std::ranges::any_of(headers, [](const auto& header) {
        return (header.first + header.second).find_first_of("\r\n") != std::string::npos;
    });
}

bool isTransient(const Result<Response>& result) {
    if (!result)
        return result.error().code == ErrorCode::Unavailable || result.error().code == ErrorCode::Timeout;
    return result->status == 502 || result->status == 503 || result->status == 504;
}

} // namespace

struct Client::State {
    explicit State(Options chosen)
        : options(chosen) {
        initializeOnce();
        multi = curl_multi_init();
        easy = curl_easy_init();
    }
    ~State() {
        curl_easy_cleanup(easy);
        curl_multi_cleanup(multi);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void prepare(const Request& request, Transfer& transfer, HeaderList& headers);
    Result<CURLcode> perform(const std::stop_token& stop);

    Options options;
    CURLM* multi = nullptr; ///< keeps the connections, and can be woken from another thread
    CURL* easy = nullptr;
};

void Client::State::prepare(const Request& request, Transfer& transfer, HeaderList& headers) {
    curl_easy_reset(easy);
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.deadline.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::min(options.connectDeadline, request.deadline).count()));
    if (!request.unixSocket.empty())
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unixSocket.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, onBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);

    for (const auto& [name, value] : request.headers)
        headers.add(name + ": " + value);
    // Without this a large body waits a second for a "100 Continue" that many servers never send.
    headers.add("Expect:");
    if (request.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        if (!findHeader(request.headers, "Content-Type"))
            headers.add("Content-Type: application/json");
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.list);
}

Result<CURLcode> Client::State::perform(const std::stop_token& stop) {
    const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi); });
    for (int running = 1; running > 0;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The request was cancelled.");
        CURLMcode code = curl_multi_perform(multi, &running);
        if (code == CURLM_OK && running > 0)
            code = curl_multi_poll(multi, nullptr, 0, 1'000, nullptr);
        if (code != CURLM_OK)
            return fail(ErrorCode::Internal, "libcurl failed: {}.", curl_multi_strerror(code));
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        if (message->msg == CURLMSG_DONE)
            return message->data.result;
    }
    return fail(ErrorCode::Internal, "libcurl ended a transfer without a result.");
}

Client::Client(Options options)
    : m_state(std::make_unique<State>(options)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::send(const Request& request, std::stop_token stop) {
    if (hasLineBreak(request.headers))
        return fail(ErrorCode::InvalidInput, "A header of the request to {} holds a line break.", peerOf(request));
    Transfer transfer;
    transfer.bodyLimit = m_state->options.bodyLimit;
    HeaderList headers;
    m_state->prepare(request, transfer, headers);
    curl_multi_add_handle(m_state->multi, m_state->easy);
    const Result<CURLcode> code = m_state->perform(stop);
    long status = 0;
    curl_easy_getinfo(m_state->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(m_state->multi, m_state->easy);
    if (!code)
        return code.error();
    // A server may refuse a body before it was sent whole; its answer counts.
    const bool answered = *code == CURLE_OK || (*code == CURLE_SEND_ERROR && status >= 400);
    if (!answered)
        return errorOf(*code, request, transfer);
    transfer.response.status = static_cast<int>(status);
    return std::move(transfer.response);
}

bool pause(std::chrono::milliseconds duration, std::stop_token stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

Result<Response> retry(Client& client, const Request& request, const Backoff& backoff, std::stop_token stop) {
    milliseconds delay = backoff.first;
    for (int attempt = 1;; ++attempt) {
        Result<Response> result = client.send(request, stop);
        if (!isTransient(result) || attempt >= backoff.attempts || !pause(delay, stop))
            return result;
        delay = std::min(delay * 2, backoff.longest);
    }
}

} // namespace perch::http
