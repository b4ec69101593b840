#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::spec {

class YamlSection;

/// Which model answers a row of the alias path: the one that stands beside the row's value of a field.
struct RouteSpec {
    std::string field;
    std::map<std::string, ModelName> models; ///< by value as text (`condo`, `3`, `true`); not empty
};

/// Which predictions a server keeps on disk, and how much of them.
struct PredictionLogSpec {
    std::vector<std::string> features;   ///< Nothing else of a row is kept; not empty
    Seconds fileAge{60};                 ///< a file is finished at the latest after this: what a crash may lose
    std::uint32_t fileMegabytes = 4;     ///< or when it has this size
    std::uint32_t totalMegabytes = 1024; ///< of all files of the model: then the oldest go
};

/// The lookup table of a model in its folder of the workspace.
inline constexpr const char* kLookupTableName = "features.db";

/// Where the features come from that requests do not have.
struct LookupSpec {
    std::string file = {};              ///< relative to the folder of perch.yaml; empty: that of the workspace
    std::optional<Seconds> maxAge = {}; ///< older features are marked in answers
};

struct ServingSpec {
    std::uint32_t replicas = 2;
    std::string path;                     ///< alias path, default `/predict_<model with _ for ->`
    std::optional<RouteSpec> route;       ///< absent: the model of the file answers every row
    std::optional<PredictionLogSpec> log; ///< absent: nothing is kept
    std::optional<LookupSpec> lookup;     ///< absent: requests have all features
};

/// The section `serving`. Internal to this room.
Result<void> readServing(const YamlSection& top, ServingSpec& serving);

} // namespace perch::spec
