#include "core/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace perch {

void inParallel(std::size_t count, const std::function<void(std::size_t)>& work, std::size_t mostThreads) {
    std::atomic<std::size_t> next = 0;
    std::exception_ptr first;
    std::once_flag once;
    const auto take = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++)
                work(i);
        } catch (...) {
            next = count;
            std::call_once(once, [&] { first = std::current_exception(); });
        }
    };
    {
        const std::size_t threads = std::min({count, mostThreads, std::size_t{std::thread::hardware_concurrency()}});
        std::vector<std::jthread> helpers;
        for (std::size_t i = 1; i < threads; ++i)
            helpers.emplace_back(take);
        take();
    }
    if (first)
        std::rethrow_exception(first);
}

} // namespace perch
