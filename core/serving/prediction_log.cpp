#include "core/serving/prediction_log.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/serving/prediction.h"

#include <fmt/format.h>
#include <prometheus/counter.h>

#include <algorithm>

namespace perch::serving {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLogInterval{250};
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::string_view kParquet = ".parquet";
constexpr std::string_view kHalfWritten = ".parquet.new-";
/// A file under construction is one of a server that is gone when it is so old.
constexpr std::chrono::minutes kAbandoned{10};

prometheus::Counter& logCounter(Exposition& exposition, const char* name, const char* help, const char* reason) {
    return exposition.counter(name, help, reason == nullptr ? Labels{} : Labels{{"reason", reason}});
}

ParquetColumn::Type columnType(data::FieldType type) {
    switch (type) {
    case data::FieldType::Boolean:
        return ParquetColumn::Type::Boolean;
    case data::FieldType::Category:
        return ParquetColumn::Type::Text;
    case data::FieldType::Number:
        break;
    }
    return ParquetColumn::Type::Double;
}

/// A boolean may have come as the number 0 or 1.
void addCell(ParquetColumn& column, const data::Cell& cell) {
    const double* number = std::get_if<double>(&cell);
    const bool* flag = std::get_if<bool>(&cell);
    if (const std::string* text = std::get_if<std::string>(&cell))
        column.addText(*text);
    else if (column.type() == ParquetColumn::Type::Boolean && (flag != nullptr || number != nullptr))
        column.addBoolean(flag != nullptr ? *flag : *number != 0);
    else if (number != nullptr)
        column.addDouble(*number);
    else
        column.addMissing();
}

struct LogFile {
    std::filesystem::path path;
    std::uint64_t size = 0;
};

/// The finished files of a model, oldest first; removes what servers that are gone left unfinished.
std::vector<LogFile> filesOf(const std::filesystem::path& folder) {
    std::vector<LogFile> files;
    std::error_code code;
    const auto now = std::filesystem::file_time_type::clock::now();
    for (std::filesystem::recursive_directory_iterator entry(folder, code), end; !code && entry != end;
         entry.increment(code)) {
        const std::string name = entry->path().filename().string();
        std::error_code gone; // another server prunes too
        if (name.ends_with(kParquet)) {
            const std::uint64_t size = entry->file_size(gone);
            if (!gone)
                files.push_back({entry->path(), size});
        } else if (name.find(kHalfWritten) != std::string::npos) {
            const auto written = entry->last_write_time(gone);
            if (!gone && now - written > kAbandoned)
                std::filesystem::remove(entry->path(), gone);
        }
    }
    std::ranges::sort(files, {}, [](const LogFile& file) { return file.path.filename(); });
    return files;
}

} // namespace

PredictionLog::PredictionLog(Options options, const Clock& clock, Exposition& exposition)
    : m_options(std::move(options)),
      m_clock(clock),
      m_written(logCounter(exposition, "ml_prediction_log_rows_total", "Rows in finished files of the prediction log.",
                           nullptr)),
      m_overflowed(logCounter(exposition, "ml_prediction_log_dropped_total",
                              "Rows that the prediction log did not keep.", "queue_full")),
      m_failed(logCounter(exposition, "ml_prediction_log_dropped_total", "Rows that the prediction log did not keep.",
                          "disk")),
      m_thread([this](std::stop_token stop) { run(stop); }) {}

Result<std::unique_ptr<PredictionLog>> PredictionLog::open(Options options, const Clock& clock,
                                                           Exposition& exposition) {
    TRY(makePrivateFolder(options.folder));
    return std::unique_ptr<PredictionLog>(new PredictionLog(std::move(options), clock, exposition));
}

PredictionLog::~PredictionLog() {
    m_thread.request_stop();
    m_wake.notify_all();
    m_thread.join();
}

Result<void> PredictionLog::check(const model::Package& package) const {
    const auto found = m_options.models.find(package.card.model.text());
    if (found == m_options.models.end())
        return {};
    for (const std::string& feature : found->second.features) {
        if (!package.transform.find(feature))
            return fail(ErrorCode::InvalidInput,
                        "serving.log lists the feature \"{}\", which the model {} does not have.", feature,
                        package.card.model.text());
    }
    return {};
}

void PredictionLog::add(AnsweredRows rows) {
    const std::size_t count = rows.predictions.size();
    const std::lock_guard lock(m_mutex);
    if (m_waiting + count > m_options.queueLimit) {
        m_overflowed.Increment(static_cast<double>(count));
        return;
    }
    m_waiting += count;
    m_queue.push_back(std::move(rows));
}

void PredictionLog::run(const std::stop_token& stop) {
    for (;;) {
        std::vector<AnsweredRows> batch;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, kLogInterval, [] { return false; });
            batch.swap(m_queue);
            m_waiting = 0;
        }
        for (const AnsweredRows& rows : batch) {
            append(rows);
            writeWhatIsDue(false);
        }
        const bool last = stop.stop_requested();
        writeWhatIsDue(last);
        if (last && batch.empty())
            return;
    }
}

void PredictionLog::append(const AnsweredRows& rows) {
    const model::Package& package = rows.model->package();
    const std::string& name = package.card.model.text();
    Tail& tail = m_tails[{name, rows.model->version().text()}];
    if (tail.columns.empty()) {
        using Type = ParquetColumn::Type;
        tail.columns = {{"request_id", Type::Text},
                        {"time", Type::Time},
                        {"role", Type::Text},
                        {"score", Type::Float},
                        {"predicted", Type::Text}};
        for (const std::string& feature : m_options.models.at(name).features) {
            tail.fields.push_back(*package.transform.find(feature));
            tail.columns.emplace_back(feature, columnType(package.transform.fields()[tail.fields.back()].type));
        }
    }
    if (tail.columns.front().rows() == 0)
        tail.since = m_clock.steadyNow();
    const std::size_t width = package.transform.width();
    const std::vector<PredictionRecord> records = ServedModel::recordsOf(rows);
    for (std::size_t row = 0; row < records.size(); ++row) {
        tail.columns[0].addText(records[row].requestId);
        tail.columns[1].addTime(toMillis(records[row].time));
        tail.columns[2].addText(records[row].role);
        tail.columns[3].addFloat(records[row].score);
        tail.columns[4].addText(records[row].predicted);
        for (std::size_t i = 0; i < tail.fields.size(); ++i)
            addCell(tail.columns[tail.columns.size() - tail.fields.size() + i],
                    rows.rows.cells[row * width + tail.fields[i]]);
    }
}

void PredictionLog::writeWhatIsDue(bool all) {
    for (auto entry = m_tails.begin(); entry != m_tails.end();) {
        auto& [key, tail] = *entry;
        const spec::PredictionLogSpec& spec = m_options.models.at(key.first);
        std::uint64_t bytes = 0;
        for (const ParquetColumn& column : tail.columns)
            bytes += column.bytes();
        if (!all && bytes < spec.fileMegabytes * kMegabyte && m_clock.steadyNow() - tail.since < spec.fileAge) {
            ++entry;
            continue;
        }
        const auto rows = static_cast<double>(tail.columns.front().rows());
        const Result<void> written = write(key.first, key.second, tail);
        (written ? m_written : m_failed).Increment(rows);
        if (!written)
            log::error("prediction log", "{} rows are lost: {}", rows, written.error().message);
        // A version that is not used any more keeps no buffers.
        entry = m_tails.erase(entry);
    }
}

Result<void> PredictionLog::write(const std::string& model, const std::string& version, Tail& tail) {
    const std::filesystem::path folder = m_options.folder / model / version;
    TRY(makePrivateFolder(folder));
    const std::string name = fmt::format("{:013}-{}{}", toMillis(m_clock.now()), makeRandomId().substr(0, 8), kParquet);
    TRY(writeFileAtomically(folder / name, parquetFile(tail.columns)));
    prune(model);
    return {};
}

void PredictionLog::prune(const std::string& model) const {
    const std::vector<LogFile> files = filesOf(m_options.folder / model);
    std::uint64_t total = 0;
    for (const LogFile& file : files)
        total += file.size;
    const std::uint64_t limit = m_options.models.at(model).totalMegabytes * kMegabyte;
    for (std::size_t i = 0; total > limit && i + 1 < files.size(); ++i) { // the newest stays in any case
        std::error_code code;
        std::filesystem::remove(files[i].path, code);
        total -= files[i].size;
    }
}

} // namespace perch::serving
