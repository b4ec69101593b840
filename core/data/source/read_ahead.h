#pragma once

#include "core/data/source/batch_source.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace perch::data {

/// Reads a source some batches ahead on another thread while its owner works on those before. Used by one thread; the
/// source must outlive it and is left alone until the end was reached.
class ReadAhead {
public:
    ReadAhead(BatchSource& source, std::stop_token stop);
    ~ReadAhead();

    /// Nothing at the end, and then always. Errors are those of the source, in their place among the batches.
    Result<std::optional<SourceBatch>> next();
    /// As of a source, of what `next` gave.
    double share() const { return m_share; }
    /// As of a source; waits while a batch is being read.
    std::string place(std::uint64_t row) const;

private:
    struct Read {
        Result<std::optional<SourceBatch>> batch;
        double share = 0;
    };
    void readAll();
    Read readOne();

    BatchSource& m_source;
    std::stop_token m_stop;
    double m_share = 0;
    mutable std::mutex m_reading; ///< held while the source is used
    std::mutex m_mutex;           ///< of what follows
    std::condition_variable m_changed;
    std::deque<Read> m_ahead;
    std::exception_ptr m_thrown;
    bool m_ended = false;     ///< nothing more comes
    bool m_abandoned = false; ///< nothing more is wanted
    std::jthread m_thread;
};

} // namespace perch::data
