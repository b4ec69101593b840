#pragma once

#include <fmt/core.h>

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace perch {

/// Why something failed, as a closed list: the code decides the reaction, the message is for a person.
enum class ErrorCode {
    Cancelled,    ///< The caller asked to stop. Exit code 130.
    InvalidInput, ///< The input is wrong and will be wrong again. Exit code 2.
    NotFound,     ///< A named thing does not exist. Exit code 2.
    Conflict,     ///< The world is not as the plan says; read again and plan again. Exit code 4.
    Unavailable,  ///< A neighbour does not answer; it may later. Exit code 3.
    Timeout,      ///< The deadline passed. Exit code 3.
    Denied,       ///< Not allowed. Exit code 5.
    Corrupt,      ///< Stored bytes fail their check. Exit code 2.
    Internal,     ///< Our bug. Exit code 70.
};

/// `invalid_input`, `not_found`...: the word used in JSON and logs.
std::string_view toString(ErrorCode code);

/// The exit code of a command that ends with this error (see the command line contract in README.md).
int toExitCode(ErrorCode code);

/// A failure. `message` is one sentence that names the file, field, host or port and holds no secret;
/// `trail` says while doing what, innermost first.
struct [[nodiscard]] Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;
    std::string where = {}; ///< file:line:column, field, host or port, if the message is about one place
    std::vector<std::string> trail = {};

    Error&& during(std::string activity) && {
        trail.push_back(std::move(activity));
        return std::move(*this);
    }
};

/// A value or an Error. Dropping one is a compile-time warning.
template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
public:
    using std::expected<T, Error>::expected;
    Result(Error error) : std::expected<T, Error>(std::unexpected(std::move(error))) {}
};

/// Makes an error with a formatted message: `return fail(ErrorCode::NotFound, "There is no model {}.", name);`
template <typename... Args>
Error fail(ErrorCode code, fmt::format_string<Args...> format, Args&&... args) {
    return Error{code, fmt::format(format, std::forward<Args>(args)...)};
}

/// An error of what somebody else wrote: `where` is the field, file or place that it is about.
Error invalidInput(std::string_view where, std::string message);

} // namespace perch

/// Unwraps a Result or returns its error from the enclosing function. May stand within another TRY.
#define TRY(expression) PERCH_TRY_NAMED(expression, __COUNTER__)
#define PERCH_TRY_NAMED(expression, count) PERCH_TRY_INTO(expression, count)
#define PERCH_TRY_INTO(expression, count)                                                                              \
    __extension__({                                                                                                    \
        auto&& tryResult##count = (expression);                                                                        \
        if (!tryResult##count) [[unlikely]]                                                                            \
            return std::move(tryResult##count).error();                                                                \
        ::perch::detail::unwrap(std::move(tryResult##count));                                                          \
    })

namespace perch::detail {
template <typename T>
T unwrap(Result<T>&& result) {
    return *std::move(result);
}
inline void unwrap(Result<void>&&) {}
} // namespace perch::detail
