#include "core/http/refusal.h"

namespace perch::http {

Error refusal(int status, const Server::Options& options) {
    switch (status) {
    case 408:
        return fail(ErrorCode::Timeout, "The request was not complete after {} ms.", options.requestDeadline.count());
    case 413:
        return fail(ErrorCode::InvalidInput, "The body is larger than {} bytes.", options.bodyLimit);
    case 431:
        return fail(ErrorCode::InvalidInput, "The header is larger than {} bytes.", kHeaderLimit);
    case 429:
        return fail(ErrorCode::Unavailable, "Too many large requests at once; try again.");
    default:
        return fail(ErrorCode::InvalidInput, "This is not an HTTP/1.1 request.");
    }
}

} // namespace perch::http
