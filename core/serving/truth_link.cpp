#include "core/serving/truth_link.h"

#include "core/base/log.h"
#include "core/http/client.h"

#include <prometheus/counter.h>

namespace perch::serving {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kDeliveryDeadline{5'000};
constexpr milliseconds kFeedbackDeadline{2'000};
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};
constexpr milliseconds kFarewell{500};

} // namespace

/// One kept connection to the store.
class Postman {
public:
    explicit Postman(std::string url)
        : m_url(std::move(url)) {}
    Result<http::Response> post(std::string_view path, std::string body, milliseconds deadline, std::stop_token stop) {
        return m_client.send(
            {.method = "POST", .url = fmt::format("{}{}", m_url, path), .body = std::move(body), .deadline = deadline},
            stop);
    }

private:
    std::string m_url;
    http::Client m_client;
};

TruthLink::TruthLink(Options options, Exposition& exposition)
    : m_options(std::move(options)),
      m_dropped(exposition.counter("ml_prediction_records_dropped_total",
          "Prediction records that the truth store never got.", {})),
      m_feedback(std::make_unique<Postman>(m_options.url)),
      m_thread([this](std::stop_token stop) { run(stop); }) {}

TruthLink::~TruthLink() {
    m_thread.request_stop();
    m_wake.notify_all();
    m_thread.join();
}

void TruthLink::announce(VersionAnnouncement announcement) {
    const std::lock_guard lock(m_mutex);
    m_announcements.push_back(std::move(announcement));
    m_announced = false;
    m_wake.notify_one();
}

void TruthLink::add(std::vector<PredictionRecord> records) {
    const std::lock_guard lock(m_mutex);
    const std::size_t room = m_options.queueLimit - std::min(m_options.queueLimit, m_queue.size());
    const std::size_t kept = std::min(room, records.size());
    std::move(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(kept), std::back_inserter(m_queue));
    if (kept < records.size())
        m_dropped.Increment(static_cast<double>(records.size() - kept));
    if (m_queue.size() >= m_options.batchLimit)
        m_wake.notify_one();
}

Result<http::Response> TruthLink::forwardFeedback(std::string body) {
    const std::lock_guard lock(m_feedbackMutex);
    return m_feedback->post("/v1/feedback", std::move(body), kFeedbackDeadline, {});
}

std::vector<PredictionRecord> TruthLink::takeBatch(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    m_wake.wait_for(lock, stop, m_options.interval,
        [this] { return m_queue.size() >= m_options.batchLimit || !m_announced; });
    const auto end = m_queue.begin() + static_cast<std::ptrdiff_t>(std::min(m_queue.size(), m_options.batchLimit));
    std::vector<PredictionRecord> batch(std::move_iterator(m_queue.begin()), std::move_iterator(end));
    m_queue.erase(m_queue.begin(), end);
    return batch;
}

bool TruthLink::announceAll(Postman& postman, milliseconds deadline) {
    std::vector<VersionAnnouncement> announcements;
    {
        const std::lock_guard lock(m_mutex);
        if (m_announced)
            return true;
        announcements = m_announcements;
    }
    for (const VersionAnnouncement& announcement : announcements) {
        const auto response = postman.post("/v1/versions", toJson(announcement), deadline, {});
        if (!response || !response->ok())
            return false;
    }
    const std::lock_guard lock(m_mutex);
    m_announced = m_announcements.size() == announcements.size();
    return m_announced;
}

/// True when the batch need not be sent again: the store took it, or will never take it.
bool TruthLink::deliver(Postman& postman, const std::vector<PredictionRecord>& batch, milliseconds deadline) {
    if (!announceAll(postman, deadline))
        return false;
    if (batch.empty())
        return true;
    const auto response = postman.post("/v1/records", toJson(batch), deadline, {});
    if (response && response->ok())
        return true;
    if (response && response->status == 400) {
        log::error("truth link", "the truth store refused {} records: {}", batch.size(), response->body);
        m_dropped.Increment(static_cast<double>(batch.size()));
        return true;
    }
    // 409: the store does not know our versions, it must be a new one.
    if (!response || response->status != 409)
        log::warning("truth link", "{} records wait: {}", batch.size(),
            response ? fmt::format("the truth store answered {}", response->status) : response.error().message);
    const std::lock_guard lock(m_mutex);
    m_announced = m_announcements.empty();
    return false;
}

void TruthLink::run(const std::stop_token& stop) {
    Postman postman(m_options.url);
    std::vector<PredictionRecord> batch;
    milliseconds delay = kFirstPause;
    while (!stop.stop_requested()) {
        if (batch.empty())
            batch = takeBatch(stop);
        if (deliver(postman, batch, kDeliveryDeadline)) {
            batch.clear();
            delay = kFirstPause;
        } else {
            http::pause(delay, stop);
            delay = std::min(delay * 2, kLongestPause);
        }
    }
    // What is left goes out as long as the store takes it, but the end of the program does not wait for a dead one.
    const auto end = std::chrono::steady_clock::now() + kFarewell;
    for (;;) {
        if (batch.empty())
            batch = takeBatch(stop);
        if (batch.empty() || std::chrono::steady_clock::now() > end || !deliver(postman, batch, kFarewell))
            break;
        batch.clear();
    }
    const std::lock_guard lock(m_mutex);
    if (const std::size_t left = batch.size() + m_queue.size(); left > 0)
        log::warning("truth link", "{} prediction records are lost: the truth store did not take them", left);
}

} // namespace perch::serving
