#include "core/base/identity.h"

#include <fmt/format.h>

#include <pwd.h>
#include <unistd.h>

namespace perch {

std::string processIdentity() {
    const passwd* user = ::getpwuid(::geteuid());
    char host[256] = "localhost";
    ::gethostname(host, sizeof host - 1);
    return fmt::format("{}@{}", user != nullptr ? user->pw_name : "unknown", host);
}

} // namespace perch
