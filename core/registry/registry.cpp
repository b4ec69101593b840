#include "core/registry/registry.h"

namespace perch::registry {

std::string canonicalAlias(std::string_view alias) {
    if (alias == "production")
        return kChampion;
    if (alias == "staging")
        return kChallenger;
    return std::string(alias);
}

} // namespace perch::registry
