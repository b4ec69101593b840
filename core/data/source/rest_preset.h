#pragma once

#include "core/base/result.h"
#include "core/spec/source_spec.h"

#include <string>
#include <utility>
#include <vector>

namespace perch::data {

/// How the records of one API become rows.
struct RestShape {
    std::string records;     ///< JSON pointer of the array of records
    std::string id = "/id";  ///< pointer of what tells a record that came twice; a record without it is never one
    std::string tokenHeader; ///< empty: `Authorization: Bearer ...`
    std::vector<std::pair<std::string, std::string>> fields = {}; ///< column, pointer; empty: learned from the records
    bool shopify = false; ///< asks for the largest page
};

/// The shape that a source's preset names, or what it says itself. InvalidInput for an unknown preset.
Result<RestShape> shapeOf(const spec::RestSource& source);

} // namespace perch::data
