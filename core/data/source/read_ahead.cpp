#include "core/data/source/read_ahead.h"

#include <arrow/record_batch.h>

namespace perch::data {

namespace {

/// More would only take memory: the slower side decides.
constexpr std::size_t kBatchesAhead = 3;

} // namespace

ReadAhead::ReadAhead(BatchSource& source, std::stop_token stop)
    : m_source(source), m_stop(std::move(stop)), m_thread([this] { readAll(); }) {}

ReadAhead::~ReadAhead() {
    {
        const std::lock_guard lock(m_mutex);
        m_abandoned = true;
    }
    m_changed.notify_all();
}

void ReadAhead::readAll() {
    try {
        for (bool more = true; more;) {
            Read read = readOne();
            std::unique_lock lock(m_mutex);
            more = read.batch && *read.batch;
            m_ended = !more;
            m_ahead.push_back(std::move(read));
            m_changed.notify_all();
            if (more)
                m_changed.wait(lock, [&] { return m_ahead.size() < kBatchesAhead || m_abandoned; });
            more = more && !m_abandoned;
        }
    } catch (...) {
        const std::lock_guard lock(m_mutex);
        m_thrown = std::current_exception();
        m_ended = true;
        m_changed.notify_all();
    }
}

ReadAhead::Read ReadAhead::readOne() {
    const std::lock_guard lock(m_reading);
    Result<std::optional<SourceBatch>> batch = m_source.next(m_stop);
    return {std::move(batch), m_source.share()};
}

Result<std::optional<SourceBatch>> ReadAhead::next() {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return !m_ahead.empty() || m_ended; });
    if (m_ahead.empty() && m_thrown)
        std::rethrow_exception(m_thrown);
    if (m_ahead.empty())
        return std::optional<SourceBatch>();
    Read read = std::move(m_ahead.front());
    m_ahead.pop_front();
    m_changed.notify_all();
    m_share = read.share;
    return std::move(read.batch);
}

std::string ReadAhead::place(std::uint64_t row) const {
    const std::lock_guard lock(m_reading);
    return m_source.place(row);
}

} // namespace perch::data
