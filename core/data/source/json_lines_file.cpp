#include "core/data/source/json_lines_file.h"

#include "core/base/utf8.h"
#include "core/data/source/csv_file.h"
#include "core/data/source/json_record.h"
#include "core/data/source/text_rows.h"

#include <arrow/record_batch.h>
#include <nlohmann/json.hpp>

namespace perch::data {

namespace {

class JsonLinesFile final : public FileReader {
public:
    JsonLinesFile(std::unique_ptr<ByteStream> stream, FileContext context)
        : m_window(std::move(stream)), m_context(std::move(context)) {}

    Result<void> readHead(const std::stop_token& stop);
    const std::shared_ptr<arrow::Schema>& schema() const override { return m_rows->schema(); }
    const std::vector<std::string>& allColumns() const override { return m_names; }
    Result<std::shared_ptr<arrow::RecordBatch>> next(const std::stop_token& stop) override;
    Digest finish() override { return m_window.stream().finish(); }
    std::uint64_t bytesRead() const override { return m_window.stream().bytesRead(); }
    double share() const override { return m_window.share(); }

private:
    Result<void> fill(const std::stop_token& stop);
    std::optional<std::string_view> takeLine();
    Result<void> learnColumns();
    void chooseColumns();
    Result<nlohmann::json> parse(std::string_view line) const;
    Result<void> putRecord(const nlohmann::json& record);
    Result<void> putLine(std::string_view line);

    TextWindow m_window;
    FileContext m_context;
    std::uint64_t m_lines = 0; ///< taken so far
    std::vector<std::string> m_names;
    std::unordered_map<std::string, int> m_target; ///< column of the batch, -1: left out
    std::optional<TextRows> m_rows;
};

Result<void> JsonLinesFile::fill(const std::stop_token& stop) {
    if (TRY(m_window.fill(stop)))
        return {};
    return fail(ErrorCode::InvalidInput, "{} cannot be read as JSON Lines: line {} is longer than 1 MiB.",
                m_context.name, m_lines + 1);
}

/// The next whole line of the window.
std::optional<std::string_view> JsonLinesFile::takeLine() {
    const std::size_t length = m_window.text().find('\n');
    if (length == std::string_view::npos && (!m_window.last || m_window.at == m_window.end))
        return std::nullopt;
    std::string_view line = m_window.text().substr(0, length);
    m_window.at += line.size() + (length == std::string_view::npos ? 0 : 1);
    ++m_lines;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
        line.remove_suffix(1);
    return line;
}

Result<nlohmann::json> JsonLinesFile::parse(std::string_view line) const {
    nlohmann::json record = TRY(parseForeignJson(line, fmt::format("{}: line {}", m_context.name, m_lines)));
    if (!record.is_object())
        return fail(ErrorCode::InvalidInput, "{}: line {} is not a JSON object.", m_context.name, m_lines);
    return record;
}

Result<void> JsonLinesFile::learnColumns() {
    for (std::optional<std::string_view> line = takeLine(); line; line = takeLine()) {
        const Result<nlohmann::json> record = line->empty() ? nlohmann::json::object() : parse(*line);
        if (!record && m_context.badRows == BadRows::Stop)
            return record.error();
        if (!record)
            continue;
        for (const auto& cell : flattenRecord(*record)) {
            if (m_target.emplace(cell.first, -1).second)
                m_names.push_back(cell.first);
        }
        if (m_names.size() > kMostColumns)
            return fail(ErrorCode::InvalidInput, "{} has more than {} columns.", m_context.name, kMostColumns);
    }
    return {};
}

void JsonLinesFile::chooseColumns() {
    std::vector<std::string> kept;
    for (const std::string& name : m_names) {
        if (!m_context.columns.empty() && std::ranges::find(m_context.columns, name) == m_context.columns.end())
            continue;
        m_target[name] = static_cast<int>(kept.size());
        kept.push_back(name);
    }
    m_rows.emplace(kept);
}

Result<void> JsonLinesFile::readHead(const std::stop_token& stop) {
    TRY(fill(stop));
    if (m_window.at == m_window.end)
        return fail(ErrorCode::InvalidInput, "{} is empty.", m_context.name);
    m_window.skipByteOrderMark();
    while (!m_window.last && m_window.text().find('\n') == std::string_view::npos)
        TRY(fill(stop));
    const char* begin = m_window.at;
    TRY(learnColumns());
    m_window.at = begin;
    m_lines = 0;
    if (m_names.empty())
        return fail(ErrorCode::InvalidInput, "{} has no records with fields.", m_context.name);
    chooseColumns();
    return {};
}

Result<void> JsonLinesFile::putRecord(const nlohmann::json& record) {
    for (const auto& [name, text] : flattenRecord(record)) {
        const auto target = m_target.find(name);
        if (target == m_target.end())
            return fail(ErrorCode::InvalidInput,
                        "{}: line {} has the field \"{}\", which the beginning of the file does not have.",
                        m_context.name, m_lines, shownText(name));
        if (target->second >= 0 && !m_rows->put(static_cast<std::size_t>(target->second), text))
            return fail(ErrorCode::InvalidInput, "{}: line {} gives the field \"{}\" twice.", m_context.name, m_lines,
                        shownText(name));
    }
    return {};
}

Result<void> JsonLinesFile::putLine(std::string_view line) {
    Result<nlohmann::json> record = parse(line);
    Result<void> done = record ? putRecord(*record) : Result<void>(record.error());
    if (done) {
        m_rows->endRow();
        return {};
    }
    m_rows->dropRow();
    m_context.skipped->push_back(m_lines);
    return countMalformedRow(*m_context.counts, m_context.badRows, std::move(done.error()));
}

Result<std::shared_ptr<arrow::RecordBatch>> JsonLinesFile::next(const std::stop_token& stop) {
    while (!m_rows->full()) {
        const std::optional<std::string_view> line = takeLine();
        if (!line && m_window.last)
            break;
        if (!line)
            TRY(fill(stop));
        else if (!line->empty())
            TRY(putLine(*line));
        else if (m_context.skipped->size() < kMostMalformedRows)
            m_context.skipped->push_back(m_lines);
        else
            return fail(ErrorCode::InvalidInput, "{} has more than {} empty lines.", m_context.name,
                        kMostMalformedRows);
    }
    return m_rows->finish();
}

} // namespace

Result<std::unique_ptr<FileReader>> openJsonLinesFile(std::unique_ptr<ByteStream> stream, FileContext context,
                                                      const std::stop_token& stop) {
    auto file = std::make_unique<JsonLinesFile>(std::move(stream), std::move(context));
    TRY(file->readHead(stop));
    return std::unique_ptr<FileReader>(std::move(file));
}

} // namespace perch::data
