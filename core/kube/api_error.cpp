#include "core/kube/api_error.h"

#include "core/base/json.h"
#include "core/base/utf8.h"
#include "core/kube/kubeconfig.h"

#include <nlohmann/json.hpp>

#include <optional>

namespace perch::kube {

namespace {

using nlohmann::json;

constexpr std::size_t kShownMessage = 600;

/// The Status object of an answer, as far as it is one.
struct ApiStatus {
    std::string message, reason;
    std::string resource, name; ///< `deployments.apps`, `churn`
};

std::optional<ApiStatus> readStatus(std::string_view body) {
    const Result<json> document = parseJson(body, "The answer");
    if (!document || !document->is_object() || jsonText(*document, "kind") != "Status")
        return std::nullopt;
    ApiStatus status{.message = jsonText(*document, "message"), .reason = jsonText(*document, "reason")};
    if (const auto details = document->find("details"); details != document->end() && details->is_object()) {
        status.name = jsonText(*details, "name");
        status.resource = jsonText(*details, "kind");
        if (const std::string group = jsonText(*details, "group"); !group.empty())
            status.resource += "." + group;
    }
    return status;
}

/// What stands between `before` and `after`; moves `text` behind it. Nothing if they are not there.
std::optional<std::string_view> takeBetween(std::string_view& text, std::string_view before, std::string_view after) {
    const std::size_t begin = text.find(before);
    if (begin == std::string_view::npos)
        return std::nullopt;
    const std::size_t end = text.find(after, begin + before.size());
    if (end == std::string_view::npos)
        return std::nullopt;
    const std::string_view found = text.substr(begin + before.size(), end - begin - before.size());
    text.remove_prefix(end);
    return found;
}

/// `User "anna" cannot list resource "pods" in API group "" in the namespace "models"` in our words; nothing if a 403
/// is about something else, such as a quota or a webhook.
std::optional<std::string> refusedRight(std::string_view message) {
    const auto user = takeBetween(message, "User \"", "\" cannot ");
    const auto verb = takeBetween(message, "\" cannot ", " ");
    if (!user || !verb)
        return std::nullopt;
    if (const auto path = message.starts_with(" path ") ? takeBetween(message, " path \"", "\"") : std::nullopt)
        return fmt::format("\"{}\" may not {} {}.", shownName(*user), shownName(*verb), shownName(*path));
    const auto resource = takeBetween(message, " resource \"", "\" in API group ");
    const auto group = takeBetween(message, "\" in API group \"", "\"");
    if (!resource || !group)
        return std::nullopt;
    std::string_view rest = message;
    const auto nameSpace = takeBetween(rest, "in the namespace \"", "\"");
    return fmt::format("\"{}\" may not {} {}{}{} {}.", shownName(*user), shownName(*verb), shownName(*resource),
                       group->empty() ? "" : ".", shownName(*group),
                       nameSpace ? fmt::format("in the namespace \"{}\"", shownName(*nameSpace))
                                 : "in the whole cluster");
}

/// The kind that a path is about, as kubectl writes it: `rollouts.argoproj.io/v1alpha1` of
/// `/apis/argoproj.io/v1alpha1/namespaces/models/rollouts/churn`.
std::string kindOfPath(std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 1; begin < path.size();) {
        const std::size_t end = std::min(path.find_first_of("/?", begin), path.size());
        parts.push_back(path.substr(begin, end - begin));
        begin = end < path.size() && path[end] == '?' ? path.size() : end + 1;
    }
    if (parts.size() < 4 || parts[0] != "apis")
        return std::string(path);
    const std::size_t plural = parts[3] == "namespaces" && parts.size() > 5 ? 5 : 3;
    return fmt::format("{}.{}/{}", parts[plural], parts[1], parts[2]);
}

Error signInError(const ApiSubject& subject) {
    return fail(
        ErrorCode::Denied,
        "The API server at {} does not accept the sign-in of the context \"{}\" ({}): it may be wrong or expired.",
        subject.host, shownName(subject.context), shownName(subject.signIn));
}

Error missing(const std::optional<ApiStatus>& status, const ApiSubject& subject) {
    if (status && !status->name.empty())
        return fail(ErrorCode::NotFound, "There is no {} \"{}\".", shownName(status->resource),
                    shownName(status->name));
    return fail(ErrorCode::NotFound,
                "The API server at {} does not know {}: its CRD is not installed, or the server is too old.",
                subject.host, shownName(kindOfPath(subject.path)));
}

ErrorCode codeOf(int status) {
    switch (status) {
    case 403:
        return ErrorCode::Denied;
    case 409:
    case 410:
        return ErrorCode::Conflict;
    case 429:
        return ErrorCode::Unavailable;
    case 504:
        return ErrorCode::Timeout;
    default:
        return status >= 500 ? ErrorCode::Unavailable : ErrorCode::InvalidInput;
    }
}

} // namespace

Error apiError(const http::Response& answer, const ApiSubject& subject) {
    const std::optional<ApiStatus> status = readStatus(answer.body);
    Error error;
    if (answer.status == 401) {
        error = signInError(subject);
    } else if (answer.status == 404) {
        error = missing(status, subject);
    } else if (const auto right = answer.status == 403 && status ? refusedRight(status->message) : std::nullopt) {
        error = fail(ErrorCode::Denied, "{}", *right);
    } else {
        // A proxy in between may answer with a page of its own.
        const std::string said =
            status ? shownText(status->message.empty() ? status->reason : status->message, kShownMessage) : "";
        error = fail(codeOf(answer.status), "The API server at {} answers {}{}{}.", subject.host, answer.status,
                     said.empty() ? "" : ": ", said);
    }
    error.where = subject.host;
    return error;
}

} // namespace perch::kube
