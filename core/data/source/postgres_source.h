#pragma once

#include "core/data/source/batch_source.h"

namespace perch::data {

/// Runs one query in a read-only transaction of its own and hands its rows on as they come: nothing is kept but the
/// batch. Columns are texts as PostgreSQL writes them; true and false are spelled out and timestamps are ISO 8601
/// (those with a zone in UTC). The query is one statement; several are refused by the server. The digest is over names
/// and cells. NotFound: no such database, table or column; Denied: login or rights; Unavailable, Timeout: the server;
/// InvalidInput: the query.
Result<std::unique_ptr<BatchSource>> openPostgresSource(const spec::PostgresSource& source, std::string name,
                                                        const SourceContext& context, const std::stop_token& stop);

} // namespace perch::data
