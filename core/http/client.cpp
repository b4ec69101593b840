#include "core/http/client.h"

#include "core/http/pipe_guard.h"
#include "core/http/transfer_error.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>

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
    const ByteSink* sink = nullptr;
    std::optional<Error> refused; ///< by the sink: why the transfer ends
    bool tooLong = false;
    std::array<char, CURL_ERROR_SIZE> detail{};
};

/// Whether the sink takes the piece.
bool sinkTakes(Transfer& transfer, std::string_view piece) {
    const Result<void> taken = (*transfer.sink)(piece);
    if (!taken)
        transfer.refused = taken.error();
    return taken.has_value();
}

bool isForSink(const Transfer& transfer) {
    return transfer.sink != nullptr && transfer.response.ok();
}

std::size_t onBody(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const std::string_view piece(bytes, size * count);
    if (isForSink(transfer))
        return sinkTakes(transfer, piece) ? piece.size() : 0;
    if (transfer.response.body.size() + piece.size() > transfer.bodyLimit) {
        transfer.tooLong = true;
        return 0;
    }
    transfer.response.body.append(piece);
    return piece.size();
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// 200 of `HTTP/1.1 200 OK`; 0 if it says none.
int statusOf(std::string_view line) {
    const std::size_t space = std::min(line.find(' '), line.size());
    const std::string_view digits = trimmed(line.substr(space)).substr(0, 3);
    int status = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), status);
    return status;
}

std::size_t onHeader(char* bytes, std::size_t size, std::size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    Response& response = transfer.response;
    const std::string_view line(bytes, size * count);
    // A status line begins a new answer (after 100 Continue).
    if (line.starts_with("HTTP/")) {
        response.headers.clear();
        response.status = statusOf(line);
    } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
        response.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    } else if (trimmed(line).empty() && isForSink(transfer) && !sinkTakes(transfer, {})) {
        return 0;
    }
    return line.size();
}

struct LineList {
    curl_slist* list = nullptr;
    ~LineList() { curl_slist_free_all(list); }
    void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

/// Lines that libcurl reads during a transfer.
struct TransferLines {
    LineList headers, connectTo;
};

void setBlob(CURL* easy, CURLoption option, const std::string& bytes) {
    curl_blob blob{const_cast<char*>(bytes.data()), bytes.size(), CURL_BLOB_NOCOPY};
    curl_easy_setopt(easy, option, &blob);
}

/// A text, else its file.
void setPem(CURL* easy, CURLoption text, CURLoption file, const std::string& bytes, const std::filesystem::path& path) {
    if (!bytes.empty())
        setBlob(easy, text, bytes);
    else if (!path.empty())
        curl_easy_setopt(easy, file, path.c_str());
}

void setTls(CURL* easy, const Tls& tls) {
    if (!tls.authority.empty() || !tls.authorityFile.empty())
        curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr); // else the system's are believed, too
    setPem(easy, CURLOPT_CAINFO_BLOB, CURLOPT_CAINFO, tls.authority, tls.authorityFile);
    setPem(easy, CURLOPT_SSLCERT_BLOB, CURLOPT_SSLCERT, tls.certificate, tls.certificateFile);
    setPem(easy, CURLOPT_SSLKEY_BLOB, CURLOPT_SSLKEY, tls.key.reveal(), tls.keyFile);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls.insecure ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls.insecure ? 0L : 2L);
}

/// libcurl asks for the name in the URL: the URL gets the wanted name, the connection goes where the URL pointed.
void setServerName(CURL* easy, const Request& request, const std::string& name, TransferLines& lines) {
    CURLU* parts = curl_url();
    char *host = nullptr, *port = nullptr, *url = nullptr;
    if (curl_url_set(parts, CURLUPART_URL, request.url.c_str(), 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        curl_url_set(parts, CURLUPART_HOST, name.c_str(), 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK) {
        curl_easy_setopt(easy, CURLOPT_URL, url);
        lines.connectTo.add(fmt::format("::{}:{}", host, port));
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, lines.connectTo.list);
        if (!findHeader(request.headers, "Host"))
            lines.headers.add(fmt::format("Host: {}:{}", host, port));
    }
    curl_free(host);
    curl_free(port);
    curl_free(url);
    curl_url_cleanup(parts);
}

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
        : options(std::move(chosen)) {
        initializeOnce();
        multi = curl_multi_init();
        easy = curl_easy_init();
    }
    ~State() {
        const PipeGuard guard; // TLS says goodbye to whoever may be gone
        curl_easy_cleanup(easy);
        curl_multi_cleanup(multi);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    void prepare(const Request& request, Transfer& transfer, TransferLines& lines);
    void prepareConnection(const Request& request, TransferLines& lines);
    Error failure(CURLcode code, const Request& request, const Transfer& transfer);
    Result<CURLcode> perform(const std::stop_token& stop);

    Options options;
    CURLM* multi = nullptr; ///< keeps the connections, and can be woken from another thread
    CURL* easy = nullptr;
};

void Client::State::prepareConnection(const Request& request, TransferLines& lines) {
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, options.noProxy.c_str());
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    // A long answer may say nothing for minutes: whether the other side still lives is asked every few seconds.
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 20L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 5L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.deadline.count()));
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::min(options.connectDeadline, request.deadline).count()));
    if (!request.unixSocket.empty())
        curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unixSocket.c_str());
    setTls(easy, options.tls);
    if (!options.tls.serverName.empty())
        setServerName(easy, request, options.tls.serverName, lines);
}

void Client::State::prepare(const Request& request, Transfer& transfer, TransferLines& lines) {
    curl_easy_reset(easy);
    prepareConnection(request, lines);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.detail.data());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, onBody);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    if (options.compressed)
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");

    for (const auto& [name, value] : request.headers)
        lines.headers.add(name + ": " + value);
    // Without this a large body waits a second for a "100 Continue" that many servers never send.
    lines.headers.add("Expect:");
    if (request.method == "HEAD") {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request.method != "GET" || !request.body.empty()) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
        if (!findHeader(request.headers, "Content-Type"))
            lines.headers.add("Content-Type: application/json");
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines.headers.list);
}

Error Client::State::failure(CURLcode code, const Request& request, const Transfer& transfer) {
    curl_off_t connected = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
    return transferError(request, {.code = code,
                                   .detail = transfer.detail.data(),
                                   .connected = connected > 0,
                                   .connectDeadline = options.connectDeadline,
                                   .proxy = options.proxy});
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
    : m_state(std::make_unique<State>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Response> Client::send(const Request& request, std::stop_token stop) {
    return exchange(request, nullptr, stop);
}

Result<Response> Client::stream(const Request& request, const ByteSink& sink, std::stop_token stop) {
    return exchange(request, &sink, stop);
}

Result<Response> Client::exchange(const Request& request, const ByteSink* sink, const std::stop_token& stop) {
    if (hasLineBreak(request.headers))
        return fail(ErrorCode::InvalidInput, "A header of the request to {} holds a line break.", peerOf(request));
    const PipeGuard guard;
    Transfer transfer{.bodyLimit = m_state->options.bodyLimit, .sink = sink};
    TransferLines lines;
    m_state->prepare(request, transfer, lines);
    curl_multi_add_handle(m_state->multi, m_state->easy);
    const Result<CURLcode> code = m_state->perform(stop);
    curl_multi_remove_handle(m_state->multi, m_state->easy);
    if (!code)
        return code.error();
    if (transfer.refused)
        return *std::move(transfer.refused);
    if (transfer.tooLong)
        return fail(ErrorCode::InvalidInput, "The answer of {} is longer than {} bytes.", peerOf(request),
                    transfer.bodyLimit);
    // A server may refuse a body before it was sent whole; its answer counts.
    const bool answered = *code == CURLE_OK || (*code == CURLE_SEND_ERROR && transfer.response.status >= 400);
    if (!answered)
        return m_state->failure(*code, request, transfer);
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
