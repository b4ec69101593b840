#pragma once

#include <cstddef>
#include <functional>
#include <limits>

namespace perch {

/// Calls work(0) to work(count - 1), each once and in any order, on as many threads as the machine has, this one among
/// them, and returns when all have ended. Of their exceptions the first is thrown here; what has not begun by then is
/// left out. For pieces of a millisecond and more: threads are made anew each time. `mostThreads` bounds what the
/// pieces in hand need together.
void inParallel(std::size_t count, const std::function<void(std::size_t)>& work,
                std::size_t mostThreads = std::numeric_limits<std::size_t>::max());

} // namespace perch
