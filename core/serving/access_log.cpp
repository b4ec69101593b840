#include "core/serving/access_log.h"

#include "core/base/file.h"
#include "core/base/log.h"

#include <nlohmann/json.hpp>
#include <prometheus/counter.h>

#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace perch::serving {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAccessInterval{250};
/// A reader of stdout that takes nothing for so long loses the lines.
constexpr milliseconds kWriteDeadline{1'000};
/// So many bytes fit into a pipe that is ready for any.
constexpr std::size_t kPipeBytes = 4'096;
constexpr std::size_t kLongestText = 200;
constexpr int kFirstError = 400;

prometheus::Counter& droppedRecords(Exposition& exposition, const char* reason) {
    return exposition.counter("ml_access_log_dropped_total", "Requests that the access log was to hold and does not.",
                              {{"reason", reason}});
}

/// Spreads consecutive numbers evenly over 64 bits (the finalizer of SplitMix64), so that a periodic load is sampled
/// without a pattern.
std::uint64_t spread(std::uint64_t number) {
    number = (number + 1) * 0x9E3779B97F4A7C15U;
    number = (number ^ (number >> 30)) * 0xBF58476D1CE4E5B9U;
    number = (number ^ (number >> 27)) * 0x94D049BB133111EBU;
    return number ^ (number >> 31);
}

std::string lineOf(const AccessRecord& record) {
    nlohmann::ordered_json line = {{"time", toIso8601(record.time)}};
    const auto addText = [&](const char* name, const std::string& text) {
        if (!text.empty())
            line[name] = text.substr(0, kLongestText);
    };
    addText("request_id", record.requestId);
    addText("method", record.method);
    addText("path", record.path);
    line["status"] = record.status;
    if (!record.method.empty()) {
        const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(record.duration).count();
        line["duration_ms"] = static_cast<double>(microseconds) / 1e3;
        line["request_bytes"] = record.requestBytes;
        line["response_bytes"] = record.responseBytes;
    }
    addText("model", record.model);
    addText("model_version", record.version);
    return line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The file, or stdout, which stays open.
class Sink {
public:
    explicit Sink(const std::filesystem::path& file)
        : m_owned(file != "-"),
          m_descriptor(m_owned ? ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600)
                               : STDOUT_FILENO) {}
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    ~Sink() {
        if (m_owned && m_descriptor >= 0)
            ::close(m_descriptor);
    }

    bool open() const { return m_descriptor >= 0; }
    /// All of it or, after an error or the deadline, false. Never waits longer than the deadline for its reader.
    bool write(std::string_view bytes) const {
        while (!bytes.empty()) {
            pollfd ready{m_descriptor, POLLOUT, 0};
            errno = ETIMEDOUT;
            if (::poll(&ready, 1, static_cast<int>(kWriteDeadline.count())) <= 0)
                return false;
            const ssize_t size = ::write(m_descriptor, bytes.data(), std::min(bytes.size(), kPipeBytes));
            if (size < 0 && errno == EINTR)
                continue;
            if (size <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(size));
        }
        return true;
    }

private:
    const bool m_owned;
    const int m_descriptor;
};

} // namespace

AccessLog::AccessLog(Options options, const Clock& clock, Exposition& exposition)
    : m_options(std::move(options)),
      m_clock(clock),
      m_written(exposition.counter("ml_access_log_lines_total", "Lines written to the access log.", {})),
      m_overflowed(droppedRecords(exposition, "queue_full")),
      m_tooMany(droppedRecords(exposition, "too_many_errors")),
      m_failed(droppedRecords(exposition, "not_written")),
      m_thread([this](std::stop_token stop) { run(stop); }) {}

Result<std::unique_ptr<AccessLog>> AccessLog::open(Options options, const Clock& clock, Exposition& exposition) {
    if (!Sink(options.file).open())
        return fileError(options.file, "write");
    return std::unique_ptr<AccessLog>(new AccessLog(std::move(options), clock, exposition));
}

AccessLog::~AccessLog() {
    m_thread.request_stop();
    m_wake.notify_all();
    m_thread.join();
}

bool AccessLog::wants(int status) {
    if (status >= kFirstError)
        return wantsError();
    const std::uint64_t number = m_seen.fetch_add(1, std::memory_order_relaxed);
    return static_cast<double>(spread(number)) < m_options.share * 0x1p64;
}

bool AccessLog::wantsError() {
    const SteadyTime now = m_clock.steadyNow();
    const std::lock_guard lock(m_mutex);
    if (now - m_second >= std::chrono::seconds(1)) {
        m_second = now;
        m_errors = 0;
    }
    if (m_errors >= m_options.errorsPerSecond) {
        m_tooMany.Increment();
        return false;
    }
    ++m_errors;
    return true;
}

void AccessLog::add(AccessRecord record) {
    const std::lock_guard lock(m_mutex);
    if (m_queue.size() >= m_options.queueLimit)
        m_overflowed.Increment();
    else
        m_queue.push_back(std::move(record));
}

void AccessLog::run(const std::stop_token& stop) {
    for (bool last = false; !last;) {
        std::vector<AccessRecord> batch;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, kAccessInterval, [] { return false; });
            last = stop.stop_requested();
            batch.swap(m_queue);
        }
        if (!batch.empty())
            write(batch);
    }
}

void AccessLog::write(const std::vector<AccessRecord>& records) {
    const Sink sink(m_options.file);
    std::size_t written = 0;
    // Line by line: each is whole, also between those of other programs.
    while (written < records.size() && sink.open() && sink.write(lineOf(records[written])))
        ++written;
    const bool complete = written == records.size();
    if (!complete && !m_broken) // said once, counted always
        log::error("access log", "{}", fileError(m_options.file, "write").message);
    m_broken = !complete;
    m_written.Increment(static_cast<double>(written));
    m_failed.Increment(static_cast<double>(records.size() - written));
}

} // namespace perch::serving
