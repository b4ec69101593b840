#pragma once

#include "core/serving/exposition.h"
#include "core/spec/mirror_settings.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace perch::serving {

/// A request that has been answered, as it would go to another version.
struct MirrorCopy {
    std::string path;
    std::string body;
    std::string requestId; ///< sent as X-Request-Id, so that both answers meet the same truth
    std::string jsonLength = {}; ///< of the header Inference-Header-Content-Length, empty without
};

/// Sends copies of a share of the answered requests to the version that mirror settings name, and throws the answers
/// away. A copy leaves some milliseconds after its answer was ready, on threads of this object; where it would have to
/// wait (too many in hand, a target that hangs) it is dropped. Each is counted once in ml_mirrored_requests_total as
/// sent, failed or dropped. Copies carry X-Perch-Mirror; a server never mirrors a request that has it.
/// The settings are read again when their file changes; ml_serve_config_info has the digest of those in effect. Without
/// a file, or with one that is wrong (logged), nothing is mirrored. Safe from any thread.
class Mirror {
public:
    struct Options {
        std::filesystem::path file = {};
        std::size_t queueLimit = 1'000; ///< copies
        std::size_t queueBytes = std::size_t{16} << 20;
        unsigned inFlight = 2;                     ///< copies on their way at a time
        std::chrono::milliseconds deadline{1'000}; ///< of a copy
        std::chrono::milliseconds afterAnswer{5};  ///< how much later than its answer a copy leaves
        std::chrono::milliseconds interval{100};   ///< between two looks at the file
    };

    Mirror(Options options, Exposition& exposition);
    /// What waits is dropped.
    ~Mirror();

    /// Whether a request that this version of a model has answered should be copied. Quick.
    bool wants(const ModelName& model, Version answered, std::string_view requestId) const;
    void add(MirrorCopy copy);

private:
    struct Target;
    struct Waiting {
        MirrorCopy copy;
        std::shared_ptr<Target> target;
        std::chrono::steady_clock::time_point due;
    };
    void watch(const std::stop_token& stop);
    void look();
    void setTarget(std::shared_ptr<Target> target, const std::string& digest);
    void send(const std::stop_token& stop);
    std::shared_ptr<Target> target() const;

    const Options m_options;
    Exposition& m_exposition;
    std::string m_text;                  ///< of the file when it was last read; of the watching thread
    std::unique_ptr<OwnedSeries> m_info; ///< the same
    mutable std::mutex m_mutex;          ///< guards what follows
    std::condition_variable_any m_wake;
    std::shared_ptr<Target> m_target; ///< null: nothing is mirrored
    std::deque<Waiting> m_queue;
    std::size_t m_queuedBytes = 0;
    std::vector<std::jthread> m_threads;
};

} // namespace perch::serving
