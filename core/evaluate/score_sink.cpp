#include "core/evaluate/score_sink.h"

#include "core/base/file.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <fstream>

namespace perch::evaluate {

namespace {

std::string csvText(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

class CsvSink final : public ScoreSink {
public:
    CsvSink(std::filesystem::path file, const std::vector<std::string>& classes)
        : m_file(std::move(file)), m_stream(m_file, std::ios::binary) {
        for (const std::string& name : classes)
            m_names.push_back(csvText(name));
        m_text = m_names.empty() ? "score\n" : "score,class\n";
    }

    Result<void> write(std::span<const model::Prediction> answers) override {
        auto out = std::back_inserter(m_text);
        for (const model::Prediction& answer : answers) {
            if (m_names.empty())
                fmt::format_to(out, "{}\n", answer.score);
            else
                fmt::format_to(out, "{},{}\n", answer.score, m_names[answer.classIndex]);
        }
        return flush();
    }

    Result<void> finish() override {
        TRY(flush());
        m_stream.close();
        return m_stream ? Result<void>() : fileError(m_file, "write");
    }

private:
    Result<void> flush() {
        m_stream.write(m_text.data(), static_cast<std::streamsize>(m_text.size()));
        m_text.clear();
        return m_stream ? Result<void>() : fileError(m_file, "write");
    }

    std::filesystem::path m_file;
    std::ofstream m_stream;
    std::vector<std::string> m_names;
    std::string m_text;
};

class ParquetSink final : public ScoreSink {
public:
    ParquetSink(std::filesystem::path file, const std::vector<std::string>& classes)
        : m_file(std::move(file)), m_classes(classes) {
        arrow::FieldVector fields{arrow::field("score", arrow::float32(), false)};
        if (!classes.empty())
            fields.push_back(arrow::field("class", arrow::utf8(), false));
        m_schema = arrow::schema(fields);
    }

    Result<void> open() {
        auto stream = arrow::io::FileOutputStream::Open(m_file.string());
        if (!stream.ok())
            return failed(stream.status());
        m_stream = *stream;
        const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::SNAPPY)->build();
        auto writer = parquet::arrow::FileWriter::Open(*m_schema, arrow::default_memory_pool(), m_stream, properties);
        if (!writer.ok())
            return failed(writer.status());
        m_writer = *std::move(writer);
        return {};
    }

    Result<void> write(std::span<const model::Prediction> answers) override {
        const arrow::Status status = append(answers);
        return status.ok() ? Result<void>() : failed(status);
    }

    Result<void> finish() override {
        arrow::Status status = m_writer->Close();
        if (status.ok())
            status = m_stream->Close();
        return status.ok() ? Result<void>() : failed(status);
    }

private:
    arrow::Status append(std::span<const model::Prediction> answers) {
        arrow::FloatBuilder scores;
        arrow::StringBuilder classes;
        ARROW_RETURN_NOT_OK(scores.Reserve(static_cast<std::int64_t>(answers.size())));
        for (const model::Prediction& answer : answers) {
            scores.UnsafeAppend(answer.score);
            if (!m_classes.empty())
                ARROW_RETURN_NOT_OK(classes.Append(m_classes[answer.classIndex]));
        }
        arrow::ArrayVector columns(m_schema->fields().size());
        ARROW_RETURN_NOT_OK(scores.Finish(&columns[0]));
        if (!m_classes.empty())
            ARROW_RETURN_NOT_OK(classes.Finish(&columns[1]));
        const auto rows = static_cast<std::int64_t>(answers.size());
        return m_writer->WriteTable(*arrow::Table::Make(m_schema, columns, rows), std::max<std::int64_t>(1, rows));
    }

    Error failed(const arrow::Status& status) const {
        return fail(ErrorCode::Unavailable, "{} cannot be written: {}.", m_file.string(), status.message());
    }

    std::filesystem::path m_file;
    const std::vector<std::string>& m_classes;
    std::shared_ptr<arrow::Schema> m_schema;
    std::shared_ptr<arrow::io::FileOutputStream> m_stream;
    std::unique_ptr<parquet::arrow::FileWriter> m_writer;
};

} // namespace

Result<std::unique_ptr<ScoreSink>> ScoreSink::create(const std::filesystem::path& name,
                                                     const std::filesystem::path& file,
                                                     const std::vector<std::string>& classes) {
    if (name.extension() != ".parquet")
        return std::make_unique<CsvSink>(file, classes);
    auto sink = std::make_unique<ParquetSink>(file, classes);
    TRY(sink->open());
    return sink;
}

} // namespace perch::evaluate
