#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace perch::data {

/// What the data of a training was, kept as its lineage (row D8).
struct Fingerprint {
    Digest content;     ///< SHA-256 of the bytes that were read
    std::string schema; ///< `name:type` per column, one per line
    std::uint64_t rows = 0;
    std::string source; ///< The file, as given
    SystemTime readAt{};

    /// One digest over content, schema and rows: the same data gives the same one, wherever and whenever it is read.
    Digest digest() const;
    nlohmann::json toJson() const;
};

} // namespace perch::data
