#include "core/data/source/arrow_error.h"

#include <arrow/status.h>

#include <algorithm>
#include <initializer_list>

namespace perch::data {

namespace {

bool holdsOneOf(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

} // namespace

Error arrowError(const arrow::Status& status, std::string_view name) {
    std::string reason = status.message().substr(0, status.message().find('\n'));
    while (!reason.empty() && (reason.back() == '.' || reason.back() == ' '))
        reason.pop_back();
    if (holdsOneOf(reason, {"NO_SUCH_BUCKET", "NO_SUCH_KEY", "RESOURCE_NOT_FOUND", "does not exist"}))
        return fail(ErrorCode::NotFound, "There is no {}.", name);
    if (holdsOneOf(reason, {"ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "HTTP Status 403",
                            "HTTP response code: 403"}))
        return fail(ErrorCode::Denied, "The store refuses access to {}: the keys are wrong or lack the right.", name);
    if (status.IsCancelled())
        return fail(ErrorCode::Cancelled, "Reading {} was cancelled.", name);
    if (status.IsOutOfMemory())
        return fail(ErrorCode::Unavailable, "{} does not fit into memory.", name);
    return fail(status.IsIOError() ? ErrorCode::Unavailable : ErrorCode::InvalidInput, "{} cannot be read: {}.", name,
                reason);
}

} // namespace perch::data
