#pragma once

#include <cstdint>
#include <optional>

namespace perch::model {

/// When a process began, in clock ticks since boot; nothing if there is none with this number, or only its remains.
/// Number and start together name one process.
std::optional<std::uint64_t> processStart(std::int64_t process);

} // namespace perch::model
