#pragma once

#include "core/base/clock.h"

#include <optional>
#include <string_view>

namespace perch::kube {

/// A time as the API writes it (RFC 3339): `2026-11-22T04:05:06Z`, with a fraction of a second or an offset in place of
/// the Z. Cut to milliseconds; nothing if the text is none.
std::optional<SystemTime> parseKubeTime(std::string_view text);

} // namespace perch::kube
