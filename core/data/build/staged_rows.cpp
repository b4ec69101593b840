#include "core/data/build/staged_rows.h"

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

namespace perch::data {

struct StagedRows::Writer {
    std::shared_ptr<arrow::io::FileOutputStream> stream;
    std::shared_ptr<arrow::ipc::RecordBatchWriter> batches;
};

namespace {

Error stagingError(const std::filesystem::path& file, const arrow::Status& status) {
    return fail(ErrorCode::Unavailable, "The rows cannot be kept in {} for now: {}.", file.string(), status.message());
}

} // namespace

StagedRows::StagedRows(std::filesystem::path file) : m_file(std::move(file)) {}
StagedRows::~StagedRows() = default;

Result<void> StagedRows::write(const arrow::RecordBatch& batch) {
    if (m_writer == nullptr) {
        auto stream = arrow::io::FileOutputStream::Open(m_file.string());
        if (!stream.ok())
            return stagingError(m_file, stream.status());
        auto options = arrow::ipc::IpcWriteOptions::Defaults();
        options.use_threads = false;
        auto batches = arrow::ipc::MakeStreamWriter(*stream, batch.schema(), options);
        if (!batches.ok())
            return stagingError(m_file, batches.status());
        m_writer = std::make_unique<Writer>(Writer{*stream, *batches});
    }
    if (const arrow::Status status = m_writer->batches->WriteRecordBatch(batch); !status.ok())
        return stagingError(m_file, status);
    return {};
}

Result<void> StagedRows::finish() {
    if (m_writer == nullptr)
        return {};
    arrow::Status status = m_writer->batches->Close();
    if (status.ok())
        status = m_writer->stream->Close();
    m_writer.reset();
    return status.ok() ? Result<void>() : stagingError(m_file, status);
}

Result<void> StagedRows::remove() const {
    std::error_code code;
    if (!std::filesystem::remove(m_file, code) && code)
        return fail(ErrorCode::Unavailable, "{} cannot be removed: {}.", m_file.string(), code.message());
    return {};
}

Result<void>
StagedRows::read(const std::function<Result<void>(const std::shared_ptr<arrow::RecordBatch>&)>& take) const {
    auto stream = arrow::io::ReadableFile::Open(m_file.string());
    if (!stream.ok())
        return stagingError(m_file, stream.status());
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;
    auto reader = arrow::ipc::RecordBatchStreamReader::Open(*stream, options);
    if (!reader.ok())
        return stagingError(m_file, reader.status());
    for (;;) {
        std::shared_ptr<arrow::RecordBatch> batch;
        if (const arrow::Status status = (*reader)->ReadNext(&batch); !status.ok())
            return stagingError(m_file, status);
        if (batch == nullptr)
            return {};
        TRY(take(batch));
    }
}

} // namespace perch::data
