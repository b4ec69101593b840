#include "core/data/source/page_fetcher.h"

#include "core/data/source/link_header.h"

namespace perch::data {

namespace {

using std::chrono::milliseconds;

Error refusal(const http::Response& answer, const std::string& url) {
    const std::string shown = withoutQuery(url);
    switch (answer.status) {
    case 401:
    case 403:
        return fail(ErrorCode::Denied, "{} refuses access ({}): the token is wrong or lacks the right.", shown,
                    answer.status);
    case 404:
    case 410:
        return fail(ErrorCode::NotFound, "{} does not exist ({}).", shown, answer.status);
    default:
        if (answer.status >= 300 && answer.status < 400)
            return fail(ErrorCode::InvalidInput, "{} redirects ({}); give the address it redirects to.", shown,
                        answer.status);
        return fail(ErrorCode::InvalidInput, "{} answers {}.", shown, answer.status);
    }
}

bool isTransient(const Result<http::Response>& answer) {
    if (!answer)
        return answer.error().code == ErrorCode::Unavailable || answer.error().code == ErrorCode::Timeout;
    return answer->status >= 500 || answer->status == 408;
}

} // namespace

std::string withoutQuery(std::string_view url) {
    return std::string(url.substr(0, url.find_first_of("?#")));
}

Result<void> PageFetcher::wait(milliseconds delay, const std::string& url, const std::stop_token& stop) {
    ++m_counts->repetitions;
    if (!http::pause(delay, stop))
        return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", withoutQuery(url));
    return {};
}

Result<http::Response> PageFetcher::fetch(const std::string& url, const std::stop_token& stop) {
    milliseconds delay = m_limits.firstDelay;
    int failures = 0, refusals = 0;
    for (;;) {
        Result<http::Response> answer =
            m_client->send({.url = url, .headers = m_headers, .deadline = m_limits.deadline}, stop);
        if (answer && answer->status == 200)
            return answer;
        if (!answer && !isTransient(answer))
            return answer;
        if (answer && answer->status == 429) {
            if (++refusals >= m_limits.refusals)
                return fail(ErrorCode::Unavailable, "{} has answered 429 (too many requests) {} times in a row.",
                            withoutQuery(url), refusals);
            const milliseconds wish =
                http::retryAfter(http::findHeader(answer->headers, "Retry-After").value_or("")).value_or(delay);
            if (wish > m_limits.longestRetryAfter)
                return fail(ErrorCode::Unavailable, "{} wants us to wait {} s before the next page, longer than {} s.",
                            withoutQuery(url), wish.count() / 1'000, m_limits.longestRetryAfter.count() / 1'000);
            TRY(wait(wish, url, stop));
            continue;
        }
        if (answer && !isTransient(answer))
            return refusal(*answer, url);
        if (++failures >= m_limits.attempts)
            return answer ? Result<http::Response>(fail(ErrorCode::Unavailable, "{} has answered {} {} times in a row.",
                                                        withoutQuery(url), answer->status, failures))
                          : answer;
        TRY(wait(delay, url, stop));
        delay = std::min(delay * 2, m_limits.longestDelay);
    }
}

} // namespace perch::data
