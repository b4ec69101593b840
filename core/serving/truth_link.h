#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/http/message.h"
#include "core/serving/exposition.h"
#include "core/serving/prediction_record.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace perch::serving {

class Postman;

/// The way from a model server to the truth store. Records wait in a bounded queue and travel in batches on an own
/// thread; when the store is down they wait, and when the queue is full new ones are dropped and counted. Adding a
/// record never waits for the store. Batches are sent until the store took them; it ignores what it already has.
class TruthLink {
public:
    struct Options {
        std::string url;                  ///< `http://127.0.0.1:7070`
        std::size_t queueLimit = 100'000; ///< records
        std::size_t batchLimit = 1'000;
        std::chrono::milliseconds interval{100}; ///< a record waits at most so long for a batch
    };

    TruthLink(Options options, Exposition& exposition);
    /// Sends what waits, if the store answers at once.
    ~TruthLink();

    /// Tells the store that a version exists, so that its series begin at zero; repeated after every failure, because
    /// the store may have been replaced meanwhile.
    void announce(VersionAnnouncement announcement);
    /// Safe from any thread.
    void add(std::vector<PredictionRecord> records);
    /// Passes feedback on and returns the store's answer; Unavailable or Timeout while it is down.
    Result<http::Response> forwardFeedback(std::string body);

private:
    void run(const std::stop_token& stop);
    std::vector<PredictionRecord> takeBatch(const std::stop_token& stop);
    bool deliver(Postman& postman, const std::vector<PredictionRecord>& batch, std::chrono::milliseconds deadline);
    bool announceAll(Postman& postman, std::chrono::milliseconds deadline);

    const Options m_options;
    prometheus::Counter& m_dropped;
    std::mutex m_mutex; ///< guards what follows up to the feedback
    std::condition_variable_any m_wake;
    std::deque<PredictionRecord> m_queue;
    std::vector<VersionAnnouncement> m_announcements;
    bool m_announced = true;
    std::mutex m_feedbackMutex; ///< one feedback at a time on its own connection
    std::unique_ptr<Postman> m_feedback;
    std::jthread m_thread;
};

} // namespace perch::serving
