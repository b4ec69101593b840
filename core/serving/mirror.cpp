#include "core/serving/mirror.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/http/client.h"
#include "core/serving/binary_tensors.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>

#include <atomic>

namespace perch::serving {

namespace {

constexpr std::size_t kLargestSettings = 64 * 1024;

prometheus::Counter& mirrorCounter(Exposition& exposition, const ModelName& model, const char* outcome) {
    return exposition.counter("ml_mirrored_requests_total",
                              "Copies of requests for a shadow version by what became of them.",
                              {{"model", model.text()}, {"outcome", outcome}});
}

} // namespace

/// Settings in effect, with their series.
struct Mirror::Target {
    Target(spec::MirrorSettings given, Exposition& exposition)
        : settings(std::move(given)),
          sent(mirrorCounter(exposition, settings.model, "sent")),
          failed(mirrorCounter(exposition, settings.model, "failed")),
          dropped(mirrorCounter(exposition, settings.model, "dropped")) {}

    const std::string& next() { return settings.targets[turn++ % settings.targets.size()]; }

    spec::MirrorSettings settings;
    prometheus::Counter& sent;
    prometheus::Counter& failed;
    prometheus::Counter& dropped;
    std::atomic<std::size_t> turn = 0;
};

Mirror::Mirror(Options options, Exposition& exposition) : m_options(std::move(options)), m_exposition(exposition) {
    look();
    m_threads.emplace_back([this](const std::stop_token& stop) { watch(stop); });
    for (unsigned i = 0; i < m_options.inFlight; ++i)
        m_threads.emplace_back([this](const std::stop_token& stop) { send(stop); });
}

Mirror::~Mirror() {
    for (std::jthread& thread : m_threads)
        thread.request_stop();
    m_threads.clear();
}

void Mirror::watch(const std::stop_token& stop) {
    while (http::pause(m_options.interval, stop))
        look();
}

void Mirror::look() {
    Result<std::string> read = readFile(m_options.file, kLargestSettings);
    if (!read && read.error().code != ErrorCode::NotFound) {
        // It may be back in a moment; until then the copies go on as before.
        log::warning("mirror", "{}", read.error().message);
        return;
    }
    std::string text = read ? *std::move(read) : std::string();
    if (text == m_text)
        return;
    m_text = std::move(text);
    if (m_text.empty()) {
        setTarget(nullptr, {});
        return;
    }
    const Result<spec::MirrorSettings> settings = spec::MirrorSettings::parse(m_text);
    if (!settings) {
        log::error("mirror", "{}: {} Nothing is mirrored.", m_options.file.string(), settings.error().message);
        setTarget(nullptr, {});
        return;
    }
    setTarget(std::make_shared<Target>(*settings, m_exposition), sha256(m_text).hex());
}

/// The digest is shown once the settings are in effect, and not any more before they cease to be.
void Mirror::setTarget(std::shared_ptr<Target> target, const std::string& digest) {
    m_info.reset();
    const std::string model = target ? target->settings.model.text() : std::string();
    {
        const std::lock_guard lock(m_mutex);
        m_target.swap(target);
    }
    if (digest.empty())
        return;
    m_info = std::make_unique<OwnedSeries>(m_exposition);
    m_info
        ->gauge("ml_serve_config_info", "SHA-256 of the mirror settings in effect.",
                {{"model", model}, {"digest", digest}})
        .Set(1);
}

std::shared_ptr<Mirror::Target> Mirror::target() const {
    const std::lock_guard lock(m_mutex);
    return m_target;
}

bool Mirror::wants(const ModelName& model, Version answered, std::string_view requestId) const {
    const std::shared_ptr<Target> now = target();
    return now && now->settings.model == model && now->settings.version.number != answered.number &&
           now->settings.samples(requestId);
}

void Mirror::add(MirrorCopy copy) {
    const auto due = std::chrono::steady_clock::now() + m_options.afterAnswer;
    const std::lock_guard lock(m_mutex);
    if (!m_target)
        return;
    const std::size_t bytes = copy.body.size();
    if (m_queue.size() >= m_options.queueLimit || m_queuedBytes + bytes > m_options.queueBytes) {
        m_target->dropped.Increment();
        return;
    }
    m_queuedBytes += bytes;
    m_queue.push_back({std::move(copy), m_target, due});
    m_wake.notify_one();
}

void Mirror::send(const std::stop_token& stop) {
    http::Client client;
    std::unique_lock lock(m_mutex);
    while (m_wake.wait(lock, stop, [this] { return !m_queue.empty(); })) {
        const auto early = m_queue.front().due - std::chrono::steady_clock::now();
        if (early > early.zero()) {
            lock.unlock();
            http::pause(std::chrono::ceil<std::chrono::milliseconds>(early), stop);
            lock.lock();
            continue;
        }
        Waiting next = std::move(m_queue.front());
        m_queue.pop_front();
        m_queuedBytes -= next.copy.body.size();
        Target& target = *next.target;
        if (next.target != m_target) {
            target.dropped.Increment();
            continue;
        }
        lock.unlock();
        http::Request request{.method = "POST",
                              .url = target.next() + next.copy.path,
                              .headers = {{"X-Request-Id", std::move(next.copy.requestId)}, {"X-Perch-Mirror", "1"}},
                              .body = std::move(next.copy.body),
                              .deadline = m_options.deadline};
        const bool binary = !next.copy.jsonLength.empty();
        request.headers.emplace_back("Content-Type", binary ? kBinaryType : "application/json");
        if (binary)
            request.headers.emplace_back(kJsonLengthHeader, std::move(next.copy.jsonLength));
        const Result<http::Response> answer = client.send(request, stop);
        (answer && answer->ok() ? target.sent : target.failed).Increment();
        lock.lock();
    }
}

} // namespace perch::serving
