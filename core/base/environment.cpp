#include "core/base/environment.h"

#include <cstdlib>

namespace perch {

std::string environmentText(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

} // namespace perch
