#pragma once

#include "core/base/ids.h"

#include <filesystem>
#include <memory>
#include <string_view>

namespace perch {

/// Incremental SHA-256. Not thread-safe.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    void update(std::string_view bytes);
    /// The digest of everything so far; the object must not be used afterwards.
    Digest finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

Digest sha256(std::string_view bytes);
Result<Digest> sha256File(const std::filesystem::path& file);

} // namespace perch
