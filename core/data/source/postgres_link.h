#pragma once

#include "core/base/secret.h"
#include "core/base/result.h"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>

typedef struct pg_conn PGconn;
typedef struct pg_result PGresult;

namespace perch::data {

struct ResultDeleter {
    void operator()(PGresult* result) const;
};
using PgResult = std::unique_ptr<PGresult, ResultDeleter>;

/// A connection to a PostgreSQL server that never blocks longer than its deadline and ends its work soon after a stop
/// is asked for. One thread. Errors name `host:port/database` and hold no secret.
class PostgresLink {
public:
    static Result<PostgresLink> connect(const std::string& connection, const Secret& password,
                                        const std::stop_token& stop);
    PostgresLink(PostgresLink&& other) noexcept;
    PostgresLink& operator=(PostgresLink&&) = delete;
    ~PostgresLink();

    const std::string& peer() const { return m_peer; }
    /// One statement without rows.
    Result<void> run(const std::string& statement, const std::stop_token& stop);
    /// Starts one statement whose rows are taken one by one with `take`.
    Result<void> start(const std::string& statement);
    /// The next part of the answer, null at the end.
    Result<PgResult> take(const std::stop_token& stop);

private:
    explicit PostgresLink(PGconn* connection) : m_connection(connection) {}
    Result<void> finishConnecting(const std::stop_token& stop);
    Result<void> await(short events, std::chrono::steady_clock::time_point deadline, const std::stop_token& stop);
    Error wrong(const PGresult* result) const;

    PGconn* m_connection;
    std::string m_peer;
};

} // namespace perch::data
