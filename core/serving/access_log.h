#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/serving/exposition.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace perch::serving {

/// What is kept of one request: nothing of its body, its header or its query but the id.
struct AccessRecord {
    SystemTime time{};
    std::string requestId = {};
    std::string method = {}; ///< empty where the request was refused before it was read
    std::string path = {};   ///< without the query
    int status = 0;
    std::chrono::nanoseconds duration{}; ///< from the whole request to the whole answer
    std::size_t requestBytes = 0;        ///< bodies
    std::size_t responseBytes = 0;
    std::string model = {};   ///< empty where no model was asked
    std::string version = {}; ///< empty where a rule chooses one for each row
};

/// Writes one JSON line for each sampled request and for each error, to a file or to stdout. Errors (status 400 and
/// above) are written whatever the share is, at most `errorsPerSecond` of them. Adding never waits: records go through
/// a bounded queue to a thread, and what finds it full, is too much in a second, or cannot be written is dropped and
/// counted in `ml_access_log_dropped_total`. A file is opened anew for each group of lines, so that it may be moved
/// away at any time (logrotate).
class AccessLog {
public:
    struct Options {
        std::filesystem::path file; ///< `-`: stdout; created with mode 0600
        double share = 0.01;        ///< of the requests that are no errors, 0 to 1
        std::size_t queueLimit = 10'000;
        unsigned errorsPerSecond = 50;
    };

    /// Denied, NotFound or Unavailable that names the file. `clock` and `exposition` must outlive it.
    static Result<std::unique_ptr<AccessLog>> open(Options options, const Clock& clock, Exposition& exposition);
    /// Writes what waits.
    ~AccessLog();

    /// Whether a request with this status is to be added; asked once for each. Safe from any thread.
    bool wants(int status);
    /// Safe from any thread.
    void add(AccessRecord record);

private:
    AccessLog(Options options, const Clock& clock, Exposition& exposition);
    void run(const std::stop_token& stop);
    void write(const std::vector<AccessRecord>& records);
    bool wantsError();

    const Options m_options;
    const Clock& m_clock;
    prometheus::Counter& m_written;
    prometheus::Counter& m_overflowed;
    prometheus::Counter& m_tooMany;
    prometheus::Counter& m_failed;
    std::atomic<std::uint64_t> m_seen = 0;
    bool m_broken = false; ///< the last lines could not be written; of the thread
    std::mutex m_mutex;    ///< guards what follows
    std::condition_variable_any m_wake;
    std::vector<AccessRecord> m_queue;
    SteadyTime m_second{}; ///< since when `m_errors` are counted
    unsigned m_errors = 0;
    std::jthread m_thread;
};

} // namespace perch::serving
