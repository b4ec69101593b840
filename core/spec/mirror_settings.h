#pragma once

#include "core/base/ids.h"
#include "core/base/units.h"

#include <string>
#include <string_view>
#include <vector>

namespace perch::spec {

/// Which share of the requests of a model goes as copies to a version that answers nobody (a shadow). A platform
/// writes it as a small file, the model servers read it whenever it changes:
///   {"model":"churn","version":"v2","share":0.1,"targets":["http://127.0.0.1:40123"]}
/// The digest of a setting is the SHA-256 of the file's bytes.
struct MirrorSettings {
    ModelName model;
    Version version;                  ///< what the targets serve: it never mirrors to itself
    Percent share;                    ///< of the answered requests, 0 to 100 %
    std::vector<std::string> targets; ///< `http://host:port`; not empty

    std::string text() const;
    /// InvalidInput that names the field.
    static Result<MirrorSettings> parse(std::string_view text);
    /// Whether the request with this id belongs to the share: the same answer on every server, and a request that is in
    /// a share is in every larger one.
    bool samples(std::string_view requestId) const;
};

} // namespace perch::spec
