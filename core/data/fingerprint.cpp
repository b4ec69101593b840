#include "core/data/fingerprint.h"

#include "core/base/digest.h"

#include <nlohmann/json.hpp>

namespace perch::data {

Digest Fingerprint::digest() const {
    return sha256(fmt::format("{}\n{}\n{}", content.hex(), rows, schema));
}

nlohmann::json Fingerprint::toJson() const {
    return {{"digest", digest().hex()}, {"content", content.hex()},    {"schema", schema}, {"rows", rows},
            {"source", source},         {"read_at", toIso8601(readAt)}};
}

} // namespace perch::data
