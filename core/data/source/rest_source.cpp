#include "core/data/source/rest_source.h"

#include "core/base/digest.h"
#include "core/base/utf8.h"
#include "core/data/source/csv_file.h"
#include "core/data/source/json_record.h"
#include "core/data/source/link_header.h"
#include "core/data/source/page_fetcher.h"
#include "core/data/source/rest_preset.h"
#include "core/data/source/seen_ids.h"
#include "core/data/source/text_rows.h"

#include <arrow/record_batch.h>
#include <nlohmann/json.hpp>

namespace perch::data {

namespace {

using Pointer = nlohmann::json::json_pointer;

/// The value at a pointer; null if a part of the way is missing.
const nlohmann::json* valueAt(const nlohmann::json& document, const Pointer& pointer) {
    return document.contains(pointer) ? &document.at(pointer) : nullptr;
}

/// Where a run of rows came from: records of one page without a gap.
struct RecordRun {
    std::uint32_t page = 0;
    std::uint64_t record = 1;
    std::uint64_t firstRow = 1;
};

class RestSource final : public BatchSource {
public:
    RestSource(const spec::RestSource& source, std::string name, RestShape shape, const SourceContext& context)
        : m_source(source), m_name(std::move(name)), m_shape(std::move(shape)), m_badRows(context.badRows),
          m_wanted(context.columns), m_ownClient({.bodyLimit = kLargestPage}),
          m_client(context.http != nullptr ? context.http : &m_ownClient), m_next(source.url) {}

    Result<void> begin(std::chrono::milliseconds firstDelay, const std::stop_token& stop);
    const std::vector<std::string>& columns() const override { return m_columns; }
    Result<std::optional<SourceBatch>> next(std::stop_token stop) override;
    std::string place(std::uint64_t row) const override;
    Digest content() const override { return m_content; }
    const SourceCounts& counts() const override { return m_counts; }
    std::string name() const override { return withoutQuery(m_source.url); }

private:
    Result<void> fetchPage(const std::stop_token& stop);
    Result<void> follow(const http::Response& answer);
    Result<nlohmann::json> recordsOf(const std::string& body) const;
    Result<void> learnColumns();
    Result<void> putRecord(const nlohmann::json& record);
    Result<void> putFields(const nlohmann::json& record);
    bool isRepeated(const nlohmann::json& record);
    std::string pageName() const { return fmt::format("{}: page {}", name(), m_page); }

    spec::RestSource m_source;
    std::string m_name;
    RestShape m_shape;
    BadRows m_badRows;
    std::vector<std::string> m_wanted;
    http::Client m_ownClient;
    http::Client* m_client;
    std::optional<PageFetcher> m_fetcher;

    std::optional<std::string> m_next; ///< the page after the current one
    std::uint32_t m_page = 0;          ///< the current one, from 1
    nlohmann::json m_records = nlohmann::json::array();
    std::size_t m_record = 0; ///< the next one of the page
    SeenIds m_seen;
    Pointer m_id;
    Pointer m_recordsAt;

    std::vector<std::string> m_columns;
    std::vector<Pointer> m_pointers;               ///< per column, if the fields are given
    std::unordered_map<std::string, int> m_target; ///< otherwise: column of each name, -1: left out
    std::optional<TextRows> m_rows;
    std::vector<RecordRun> m_runs;
    bool m_runBroken = true; ///< the next row begins a new run
    Sha256 m_sha;
    Digest m_content;
    SourceCounts m_counts;
};

Result<void> RestSource::begin(std::chrono::milliseconds firstDelay, const std::stop_token& stop) {
    if (!originOf(m_source.url))
        return fail(ErrorCode::InvalidInput, "The address \"{}\" of the source {} is not http:// or https:// with a "
                                             "host and without a user.", shownText(name()), m_name);
    http::Headers headers = {{"Accept", "application/json"}};
    if (!m_source.token.empty()) {
        const Secret token = TRY(m_source.token.resolve());
        const bool bearer = m_shape.tokenHeader.empty();
        headers.emplace_back(bearer ? "Authorization" : m_shape.tokenHeader,
                             (bearer ? "Bearer " : "") + token.reveal());
    }
    m_fetcher.emplace(*m_client, std::move(headers), PageFetcher::Limits{.firstDelay = firstDelay}, m_counts);
    m_id = Pointer(m_shape.id);
    m_recordsAt = Pointer(m_shape.records);
    if (m_shape.shopify && m_next->find("limit=") == std::string::npos)
        *m_next += (m_next->find('?') == std::string::npos ? "?limit=250" : "&limit=250");
    // The first page with records tells the columns, unless they are given; it also tells early whether we may read.
    TRY(fetchPage(stop));
    while (m_shape.fields.empty() && m_records.empty() && m_next)
        TRY(fetchPage(stop));
    return learnColumns();
}

/// Finds the page after this one.
Result<void> RestSource::follow(const http::Response& answer) {
    const std::string before = std::exchange(m_next, std::nullopt).value_or("");
    for (const auto& header : answer.headers) {
        if (http::findHeader({header}, "Link"))
            m_next = nextLink(header.second);
        if (m_next)
            break;
    }
    if (!m_next)
        return {};
    if (m_next->starts_with('/') && !m_next->starts_with("//"))
        *m_next = m_source.url.substr(0, m_source.url.find('/', m_source.url.find("://") + 3)) + *m_next;
    if (originOf(*m_next) != originOf(m_source.url))
        return fail(ErrorCode::InvalidInput, "{} links to another server ({}), which is not followed.", pageName(),
                    shownText(originOf(*m_next).value_or(withoutQuery(*m_next))));
    if (*m_next == before)
        return fail(ErrorCode::InvalidInput, "{} links to itself.", pageName());
    return {};
}

Result<nlohmann::json> RestSource::recordsOf(const std::string& body) const {
    if (body.size() > kLargestPage)
        return fail(ErrorCode::InvalidInput, "{} is longer than {} bytes.", pageName(), kLargestPage);
    nlohmann::json document = TRY(parseForeignJson(body, pageName()));
    if (!document.contains(m_recordsAt) || !document.at(m_recordsAt).is_array())
        return fail(ErrorCode::InvalidInput, "{} has no list of records{}{}.", pageName(),
                    m_shape.records.empty() ? "" : " at ", m_shape.records);
    return m_shape.records.empty() ? document : std::move(document.at(m_recordsAt));
}

Result<void> RestSource::fetchPage(const std::stop_token& stop) {
    if (m_page >= m_source.pages)
        return fail(ErrorCode::InvalidInput, "{} has more than {} pages; raise `pages` of the source {} or narrow the "
                                             "address.", name(), m_source.pages, m_name);
    const std::string url = *m_next;
    const http::Response answer = TRY(m_fetcher->fetch(url, stop));
    ++m_page;
    m_counts.bytes += answer.body.size();
    m_sha.update(fmt::format("{}\n", answer.body.size()));
    m_sha.update(answer.body);
    TRY(follow(answer));
    m_record = 0;
    m_runBroken = true;
    Result<nlohmann::json> records = recordsOf(answer.body);
    if (records) {
        m_records = *std::move(records);
        return {};
    }
    m_records = nlohmann::json::array();
    return countMalformedPage(m_counts, m_badRows, std::move(records.error()));
}

Result<void> RestSource::learnColumns() {
    std::vector<std::pair<std::string, std::string>> fields = m_shape.fields;
    if (fields.empty()) {
        for (const nlohmann::json& record : m_records) {
            for (auto& [name, text] : record.is_object() ? flattenRecord(record) : decltype(fields)()) {
                if (m_target.emplace(name, -1).second)
                    fields.emplace_back(std::move(name), "");
            }
        }
        if (fields.empty())
            return fail(ErrorCode::InvalidInput, "{} has no records.", name());
        if (fields.size() > kMostColumns)
            return fail(ErrorCode::InvalidInput, "{} has more than {} columns.", name(), kMostColumns);
    }
    for (const std::string& wanted : m_wanted) {
        if (std::ranges::find(fields, wanted, &std::pair<std::string, std::string>::first) == fields.end())
            return fail(ErrorCode::InvalidInput, "{} has no column \"{}\".", name(), shownText(wanted));
    }
    for (const auto& [column, pointer] : fields) {
        if (!m_wanted.empty() && std::ranges::find(m_wanted, column) == m_wanted.end())
            continue;
        m_target[column] = static_cast<int>(m_columns.size());
        m_columns.push_back(column);
        try {
            if (!m_shape.fields.empty())
                m_pointers.emplace_back(pointer);
        } catch (const nlohmann::json::exception&) {
            return fail(ErrorCode::InvalidInput, "\"{}\" of the column \"{}\" is not a JSON pointer.", pointer, column);
        }
    }
    m_rows.emplace(m_columns);
    return {};
}

bool RestSource::isRepeated(const nlohmann::json& record) {
    const nlohmann::json* id = valueAt(record, m_id);
    return id != nullptr && !id->is_null() && !m_seen.add(id->dump());
}

Result<void> RestSource::putFields(const nlohmann::json& record) {
    for (std::size_t i = 0; i < m_pointers.size(); ++i) {
        if (const nlohmann::json* value = valueAt(record, m_pointers[i]))
            m_rows->put(i, cellText(*value).value_or(""));
    }
    if (!m_pointers.empty())
        return {};
    for (const auto& [name, text] : flattenRecord(record)) {
        const auto target = m_target.find(name);
        if (target == m_target.end())
            return fail(ErrorCode::InvalidInput,
                        "{} record {} has the field \"{}\", which the first page does not have; name the fields that "
                        "you need under `fields`.", pageName(), m_record, shownText(name));
        if (target->second >= 0 && !m_rows->put(static_cast<std::size_t>(target->second), text))
            return fail(ErrorCode::InvalidInput, "{} record {} gives the field \"{}\" twice.", pageName(), m_record,
                        shownText(name));
    }
    return {};
}

Result<void> RestSource::putRecord(const nlohmann::json& record) {
    const bool runBroken = std::exchange(m_runBroken, true);
    if (!record.is_object())
        return countMalformedRow(m_counts, m_badRows,
                                 fail(ErrorCode::InvalidInput, "{} record {} is not a JSON object.", pageName(),
                                      m_record));
    if (isRepeated(record)) {
        ++m_counts.duplicates;
        return {};
    }
    if (Result<void> put = putFields(record); !put) {
        m_rows->dropRow();
        return countMalformedRow(m_counts, m_badRows, std::move(put.error()));
    }
    if (runBroken)
        m_runs.push_back({m_page, m_record, m_counts.rows + m_rows->rows() + 1});
    m_runBroken = false;
    m_rows->endRow();
    return {};
}

Result<std::optional<SourceBatch>> RestSource::next(std::stop_token stop) {
    const std::uint64_t first = m_counts.rows + 1;
    while (!m_rows->full()) {
        if (m_record < m_records.size()) {
            const nlohmann::json& record = m_records[m_record++];
            TRY(putRecord(record));
        } else if (m_next) {
            TRY(fetchPage(stop));
        } else {
            break;
        }
    }
    if (const auto batch = m_rows->finish()) {
        m_counts.rows += static_cast<std::uint64_t>(batch->num_rows());
        return SourceBatch{batch, first};
    }
    if (m_content.empty())
        m_content = m_sha.finish();
    return std::optional<SourceBatch>();
}

std::string RestSource::place(std::uint64_t row) const {
    auto run = std::ranges::upper_bound(m_runs, row, {}, &RecordRun::firstRow);
    if (run == m_runs.begin())
        return fmt::format("{} row {}", name(), row);
    --run;
    return fmt::format("{} page {} record {}", name(), run->page, run->record + row - run->firstRow);
}

} // namespace

Result<std::unique_ptr<BatchSource>> openRestSource(const spec::RestSource& source, std::string name,
                                                    const SourceContext& context, const std::stop_token& stop) {
    auto opened = std::make_unique<RestSource>(source, std::move(name), TRY(shapeOf(source)), context);
    TRY(opened->begin(context.firstDelay, stop));
    return std::unique_ptr<BatchSource>(std::move(opened));
}

} // namespace perch::data
