#include "core/base/result.h"

namespace perch {

std::string_view toString(ErrorCode code) {
    switch (code) {
    case ErrorCode::Cancelled:
        return "cancelled";
    case ErrorCode::InvalidInput:
        return "invalid_input";
    case ErrorCode::NotFound:
        return "not_found";
    case ErrorCode::Conflict:
        return "conflict";
    case ErrorCode::Unavailable:
        return "unavailable";
    case ErrorCode::Timeout:
        return "timeout";
    case ErrorCode::Denied:
        return "denied";
    case ErrorCode::Corrupt:
        return "corrupt";
    case ErrorCode::Internal:
        break;
    }
    return "internal";
}

int toExitCode(ErrorCode code) {
    switch (code) {
    case ErrorCode::Cancelled:
        return 130;
    case ErrorCode::InvalidInput:
    case ErrorCode::NotFound:
    case ErrorCode::Corrupt:
        return 2;
    case ErrorCode::Unavailable:
    case ErrorCode::Timeout:
        return 3;
    case ErrorCode::Conflict:
        return 4;
    case ErrorCode::Denied:
        return 5;
    case ErrorCode::Internal:
        break;
    }
    return 70;
}

Error invalidInput(std::string_view where, std::string message) {
    return {ErrorCode::InvalidInput, std::move(message), std::string(where)};
}

} // namespace perch
