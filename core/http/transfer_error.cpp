#include "core/http/transfer_error.h"

#include "core/http/client.h"

#include <curl/curl.h>

#include <algorithm>

namespace perch::http {

namespace {

/// `host:port` of a URL, without the user and password that may stand in it.
std::string hostAndPort(const std::string& url) {
    std::string peer = url;
    CURLU* parts = curl_url();
    char *host = nullptr, *port = nullptr;
    if (curl_url_set(parts, CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
        peer = host;
        if (curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK)
            peer += fmt::format(":{}", port);
    }
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parts);
    return peer;
}

/// What libcurl says, else what the code means; without a full stop.
std::string reasonOf(const TransferFailure& failure) {
    std::string reason =
        failure.detail.empty() ? curl_easy_strerror(static_cast<CURLcode>(failure.code)) : failure.detail;
    while (reason.ends_with('.') || reason.ends_with('\n'))
        reason.pop_back();
    return reason;
}

Error timeoutOf(const std::string& peer, const Request& request, const TransferFailure& failure) {
    if (!failure.connected && failure.connectDeadline < request.deadline)
        return fail(ErrorCode::Timeout, "No connection to {} came about within {} ms.", peer,
                    failure.connectDeadline.count());
    return fail(ErrorCode::Timeout, "{} did not answer within {} ms.", peer, request.deadline.count());
}

Error sentenceOf(const std::string& peer, const Request& request, const TransferFailure& failure) {
    switch (failure.code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return fail(ErrorCode::InvalidInput, "\"{}\" is not an HTTP address.", request.url);
    case CURLE_OPERATION_TIMEDOUT:
        return timeoutOf(peer, request, failure);
    case CURLE_COULDNT_CONNECT:
        if (!failure.proxy.empty())
            return fail(ErrorCode::Unavailable, "Nobody answers at the proxy {}, which leads to {}.",
                        hostAndPort(failure.proxy), peer);
        return fail(ErrorCode::Unavailable, "Nobody answers at {}.", peer);
    case CURLE_COULDNT_RESOLVE_HOST:
        return fail(ErrorCode::Unavailable, "The name in {} is unknown.", peer);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return fail(ErrorCode::Unavailable, "The name of the proxy {} is unknown.", hostAndPort(failure.proxy));
    case CURLE_PEER_FAILED_VERIFICATION:
        return fail(ErrorCode::Denied, "The certificate of {} is not trusted: {}.", peer, reasonOf(failure));
    case CURLE_SSL_CERTPROBLEM:
        return fail(ErrorCode::InvalidInput, "The client certificate for {} cannot be used: {}.", peer,
                    reasonOf(failure));
    case CURLE_SSL_CACERT_BADFILE:
        return fail(ErrorCode::InvalidInput, "The certificate authority for {} cannot be used: {}.", peer,
                    reasonOf(failure));
    default:
        return fail(ErrorCode::Unavailable, "The connection to {} failed: {}.", peer, reasonOf(failure));
    }
}

} // namespace

std::string peerOf(const Request& request) {
    return request.unixSocket.empty() ? hostAndPort(request.url) : request.unixSocket.string();
}

Error transferError(const Request& request, const TransferFailure& failure) {
    const std::string peer = peerOf(request);
    Error error = sentenceOf(peer, request, failure);
    error.where = peer;
    return error;
}

} // namespace perch::http
