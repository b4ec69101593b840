#pragma once

#include "core/serving/exposition.h"
#include "core/serving/parquet_file.h"
#include "core/serving/served_model.h"
#include "core/spec/serving_spec.h"

#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace perch::serving {

/// Keeps answered rows on disk as Parquet, in `<folder>/<model>/<version>/<time>-<random>.parquet`: request_id, time,
/// role, score, predicted, and the listed features as they arrived. Adding never waits for the disk: rows go through a
/// bounded queue to a thread, and what finds it full is dropped and counted. A file appears complete or not at all,
/// when it has its size or age; a crash loses what no file holds yet. Several servers may use one folder.
class PredictionLog {
public:
    struct Options {
        std::filesystem::path folder;
        std::map<std::string, spec::PredictionLogSpec> models; ///< by name; others are not kept
        std::size_t queueLimit = 20'000;                       ///< rows
    };

    /// Errors are those of makePrivateFolder.
    static Result<std::unique_ptr<PredictionLog>> open(Options options, const Clock& clock, Exposition& exposition);
    /// Writes what waits.
    ~PredictionLog();

    /// InvalidInput if a feature is listed that the model does not have.
    Result<void> check(const model::Package& package) const;
    bool keeps(const ModelName& model) const { return m_options.models.contains(model.text()); }
    /// Safe from any thread. The rows must have their cells.
    void add(AnsweredRows rows);

private:
    /// The rows of one version that no file holds yet.
    struct Tail {
        std::vector<ParquetColumn> columns;
        std::vector<std::size_t> fields; ///< positions in the transform of the columns that are features
        SteadyTime since{};
    };
    PredictionLog(Options options, const Clock& clock, Exposition& exposition);
    void run(const std::stop_token& stop);
    void append(const AnsweredRows& rows);
    void writeWhatIsDue(bool all);
    Result<void> write(const std::string& model, const std::string& version, Tail& tail);
    void prune(const std::string& model) const;

    const Options m_options;
    const Clock& m_clock;
    prometheus::Counter& m_written;
    prometheus::Counter& m_overflowed;
    prometheus::Counter& m_failed;
    std::mutex m_mutex; ///< guards the queue
    std::condition_variable_any m_wake;
    std::vector<AnsweredRows> m_queue;
    std::size_t m_waiting = 0;                                   ///< rows
    std::map<std::pair<std::string, std::string>, Tail> m_tails; ///< by model and version; of the thread
    std::jthread m_thread;
};

} // namespace perch::serving
