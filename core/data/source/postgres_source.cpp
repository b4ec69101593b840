#include "core/data/source/postgres_source.h"

#include "core/base/digest.h"
#include "core/base/utf8.h"
#include "core/data/source/csv_file.h"
#include "core/data/source/postgres_link.h"
#include "core/data/source/text_rows.h"

#include <arrow/record_batch.h>
#include <libpq-fe.h>

#include <set>

namespace perch::data {

namespace {

// The server's own numbers of its types (pg_type.dat); they never change.
constexpr Oid kBoolean = 16;
constexpr Oid kTimestamp = 1114;
constexpr Oid kTimestampWithZone = 1184;

class PostgresSource final : public BatchSource {
public:
    PostgresSource(PostgresLink link, std::string name, std::vector<std::string> wanted)
        : m_link(std::move(link)), m_name(std::move(name)), m_wanted(std::move(wanted)) {}

    Result<void> begin(const std::string& query, const std::stop_token& stop);
    const std::vector<std::string>& columns() const override { return m_columns; }
    Result<std::optional<SourceBatch>> next(std::stop_token stop) override;
    std::string place(std::uint64_t row) const override { return fmt::format("{} row {}", m_name, row); }
    Digest content() const override { return m_content; }
    const SourceCounts& counts() const override { return m_counts; }
    std::string name() const override { return fmt::format("{} ({})", m_name, m_link.peer()); }

private:
    Result<void> learnColumns(const PGresult& answer);
    void putRow(const PGresult& answer, int row);
    void putCell(std::size_t column, std::string_view text, Oid type);

    PostgresLink m_link;
    std::string m_name;
    std::vector<std::string> m_wanted;
    std::vector<std::string> m_columns;
    std::vector<int> m_target; ///< column of the batch for each of the answer, -1: left out
    std::optional<TextRows> m_rows;
    PgResult m_first; ///< the first part of the answer, which told the columns
    bool m_done = false;
    Sha256 m_sha;
    Digest m_content;
    SourceCounts m_counts;
};

Result<void> PostgresSource::begin(const std::string& query, const std::stop_token& stop) {
    TRY(m_link.run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", stop));
    for (const char* setting : {"SET LOCAL datestyle = 'ISO, YMD'", "SET LOCAL timezone = 'UTC'",
                                "SET LOCAL extra_float_digits = 1"})
        TRY(m_link.run(setting, stop));
    TRY(m_link.start(query));
    m_first = TRY(m_link.take(stop));
    if (!m_first || PQnfields(m_first.get()) == 0)
        return fail(ErrorCode::InvalidInput, "The query of {} gives no columns; it must be a SELECT.", name());
    return learnColumns(*m_first);
}

Result<void> PostgresSource::learnColumns(const PGresult& answer) {
    std::set<std::string> seen;
    const int count = PQnfields(&answer);
    if (static_cast<std::size_t>(count) > kMostColumns)
        return fail(ErrorCode::InvalidInput, "{} has more than {} columns.", name(), kMostColumns);
    for (int i = 0; i < count; ++i) {
        std::string column = PQfname(&answer, i);
        if (!isUtf8(column) || !seen.insert(column).second)
            return fail(ErrorCode::InvalidInput, "{}: the column \"{}\" is there twice; give it a name with AS.",
                        name(), shownText(column));
        m_sha.update(fmt::format("{}:{}\n", column.size(), column));
        const bool kept = m_wanted.empty() || std::ranges::find(m_wanted, column) != m_wanted.end();
        m_target.push_back(kept ? static_cast<int>(m_columns.size()) : -1);
        if (kept)
            m_columns.push_back(std::move(column));
    }
    for (const std::string& wanted : m_wanted) {
        if (!seen.contains(wanted))
            return fail(ErrorCode::InvalidInput, "{} has no column \"{}\".", name(), shownText(wanted));
    }
    m_rows.emplace(m_columns);
    return {};
}

void PostgresSource::putCell(std::size_t column, std::string_view text, Oid type) {
    if (type == kBoolean) {
        m_rows->put(column, text == "t" ? "true" : "false");
    } else if ((type == kTimestamp || type == kTimestampWithZone) && text.size() > 10 && text[10] == ' ') {
        std::string moment(text);
        moment[10] = 'T';
        if (type == kTimestampWithZone && moment.ends_with("+00"))
            moment.replace(moment.size() - 3, 3, "Z");
        m_rows->put(column, moment);
    } else {
        m_rows->put(column, text);
    }
}

void PostgresSource::putRow(const PGresult& answer, int row) {
    for (std::size_t i = 0; i < m_target.size(); ++i) {
        const int field = static_cast<int>(i);
        const bool missing = PQgetisnull(&answer, row, field) != 0;
        const std::string_view text(PQgetvalue(&answer, row, field),
                                    static_cast<std::size_t>(PQgetlength(&answer, row, field)));
        // Lengths keep neighbours apart; a missing cell differs from an empty one.
        m_sha.update(missing ? std::string("-;") : fmt::format("{}:", text.size()));
        m_sha.update(text);
        m_counts.bytes += text.size();
        if (!missing && m_target[i] >= 0)
            putCell(static_cast<std::size_t>(m_target[i]), text, PQftype(&answer, field));
    }
    m_rows->endRow();
}

Result<std::optional<SourceBatch>> PostgresSource::next(std::stop_token stop) {
    while (!m_done && !m_rows->full()) {
        const PgResult answer = m_first ? std::move(m_first) : TRY(m_link.take(stop));
        m_done = answer == nullptr;
        for (int row = 0; !m_done && row < PQntuples(answer.get()); ++row)
            putRow(*answer, row);
    }
    const std::uint64_t first = m_counts.rows + 1;
    const auto batch = m_rows->finish();
    if (batch) {
        m_counts.rows += static_cast<std::uint64_t>(batch->num_rows());
        return SourceBatch{batch, first};
    }
    if (m_content.empty()) {
        m_content = m_sha.finish();
        TRY(m_link.run("ROLLBACK", stop));
    }
    return std::optional<SourceBatch>();
}

} // namespace

Result<std::unique_ptr<BatchSource>> openPostgresSource(const spec::PostgresSource& source, std::string name,
                                                        const SourceContext& context, const std::stop_token& stop) {
    const Secret password = source.password.empty() ? Secret() : TRY(source.password.resolve());
    PostgresLink link = TRY(PostgresLink::connect(source.connection, password, stop));
    auto opened = std::make_unique<PostgresSource>(std::move(link), std::move(name), context.columns);
    TRY(opened->begin(source.query, stop));
    return std::unique_ptr<BatchSource>(std::move(opened));
}

} // namespace perch::data
