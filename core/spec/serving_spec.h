#pragma once

#include "core/base/ids.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace perch::spec {

class YamlSection;

/// Which model answers a row of the alias path: the one that stands beside the row's value of a field.
struct RouteSpec {
    std::string field;
    std::map<std::string, ModelName> models; ///< by value as text (`condo`, `3`, `true`); not empty
};

struct ServingSpec {
    std::uint32_t replicas = 2;
    std::string path;                     ///< alias path, default `/predict_<model with _ for ->`
    std::optional<RouteSpec> route;       ///< absent: the model of the file answers every row
};

/// The section `serving`. Internal to this room.
Result<void> readServing(const YamlSection& top, ServingSpec& serving);

} // namespace perch::spec
