#pragma once

#include "core/base/ids.h"

#include <string>
#include <vector>

namespace perch::widgets {

/// What a person may choose for a model where versions and tables are compared.
struct ModelChoices {
    ModelName model;
    std::vector<std::string> versions; ///< `v8`, newest first
    std::vector<std::string> data;     ///< files that are known
    bool operator==(const ModelChoices&) const = default;
};

} // namespace perch::widgets
