#pragma once

#include "core/data/source/batch_source.h"

#include <future>

namespace perch::data {

/// Reads a source one batch ahead on another thread while its owner works on the batch before. Used by one thread; the
/// source must outlive it and is left alone until the end was reached.
class ReadAhead {
public:
    ReadAhead(BatchSource& source, std::stop_token stop) : m_source(source), m_stop(std::move(stop)) { begin(); }

    /// Nothing at the end. Errors are those of the source.
    Result<std::optional<SourceBatch>> next() {
        Result<std::optional<SourceBatch>> batch = m_ahead.get();
        m_share = m_source.share();
        if (batch && *batch)
            begin();
        return batch;
    }
    /// As of a source, of what `next` gave.
    double share() const { return m_share; }
    std::string place(std::uint64_t row) const {
        if (m_ahead.valid())
            m_ahead.wait();
        return m_source.place(row);
    }

private:
    void begin() {
        m_ahead = std::async(std::launch::async, [this] { return m_source.next(m_stop); });
    }

    BatchSource& m_source;
    std::stop_token m_stop;
    double m_share = 0;
    std::future<Result<std::optional<SourceBatch>>> m_ahead;
};

} // namespace perch::data
