#include "core/data/source/postgres_link.h"

#include <libpq-fe.h>
#include <poll.h>

namespace perch::data {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kConnectDeadline{10};
constexpr std::chrono::minutes kLongestSilence{30}; // a query may compute for long before its first row
constexpr int kPollMilliseconds = 100;

/// The first line of libpq's message, as a clause.
std::string firstLine(const char* message) {
    std::string line(message == nullptr ? "" : message);
    line = line.substr(0, line.find('\n'));
    while (!line.empty() && (line.back() == '.' || line.back() == ' '))
        line.pop_back();
    return line.empty() ? "no reason was given" : line;
}

ErrorCode codeOf(std::string_view sqlState) {
    if (sqlState == "3D000" || sqlState == "42P01" || sqlState == "42703" || sqlState == "3F000")
        return ErrorCode::NotFound; // database, table, column, schema
    if (sqlState.starts_with("28") || sqlState == "42501" || sqlState == "25006")
        return ErrorCode::Denied; // login, rights, writing in a read-only transaction
    if (sqlState == "57014")
        return ErrorCode::Timeout;
    if (sqlState.starts_with("08") || sqlState.starts_with("53") || sqlState.starts_with("57"))
        return ErrorCode::Unavailable;
    return ErrorCode::InvalidInput;
}

std::string peerOf(const PGconn* connection) {
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    return fmt::format("{}:{}/{}", text(PQhost(connection)), text(PQport(connection)), text(PQdb(connection)));
}

} // namespace

void ResultDeleter::operator()(PGresult* result) const {
    PQclear(result);
}

PostgresLink::PostgresLink(PostgresLink&& other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr)), m_peer(std::move(other.m_peer)) {}

PostgresLink::~PostgresLink() {
    PQfinish(m_connection);
}

/// Waits until the socket is ready; asks the server to give up when a stop is asked for.
Result<void> PostgresLink::await(short events, steady_clock::time_point deadline, const std::stop_token& stop) {
    for (;;) {
        if (stop.stop_requested()) {
            if (PGcancel* cancel = PQgetCancel(m_connection)) {
                char reason[256];
                if (PQstatus(m_connection) == CONNECTION_OK)
                    PQcancel(cancel, reason, sizeof reason);
                PQfreeCancel(cancel);
            }
            return fail(ErrorCode::Cancelled, "Reading from {} was cancelled.", m_peer);
        }
        if (steady_clock::now() > deadline)
            return fail(ErrorCode::Timeout, "PostgreSQL at {} did not answer in time.", m_peer);
        pollfd waiting{.fd = PQsocket(m_connection), .events = events, .revents = 0};
        if (::poll(&waiting, 1, kPollMilliseconds) != 0)
            return {};
    }
}

Result<PostgresLink> PostgresLink::connect(const std::string& connection, const Secret& password,
                                           const std::stop_token& stop) {
    char* problem = nullptr;
    PQconninfoOption* parsed = PQconninfoParse(connection.c_str(), &problem);
    if (parsed == nullptr) {
        PQfreemem(problem); // it repeats the text
        return fail(ErrorCode::InvalidInput, "The PostgreSQL connection is neither `host=... dbname=...` nor an "
                                             "address that begins with postgresql://.");
    }
    PQconninfoFree(parsed);
    const char* names[] = {"dbname", "password", "application_name", "client_encoding", nullptr};
    const char* values[] = {connection.c_str(), password.empty() ? nullptr : password.reveal().c_str(), "perch",
                            "UTF8", nullptr};
    PostgresLink link(PQconnectStartParams(names, values, 1));
    if (link.m_connection == nullptr)
        throw std::bad_alloc();
    link.m_peer = peerOf(link.m_connection);
    TRY(link.finishConnecting(stop));
    return link;
}

Result<void> PostgresLink::finishConnecting(const std::stop_token& stop) {
    const auto deadline = steady_clock::now() + kConnectDeadline;
    for (PostgresPollingStatusType status = PGRES_POLLING_WRITING; status != PGRES_POLLING_OK;
         status = PQconnectPoll(m_connection)) {
        if (status == PGRES_POLLING_FAILED || PQstatus(m_connection) == CONNECTION_BAD) {
            const std::string reason = firstLine(PQerrorMessage(m_connection));
            const auto says = [&](std::string_view words) { return reason.find(words) != std::string::npos; };
            const ErrorCode code = says("authentication") || says("password") || says("no pg_hba.conf entry")
                                       ? ErrorCode::Denied
                                   : says("does not exist") ? ErrorCode::NotFound
                                                            : ErrorCode::Unavailable;
            Error error = fail(code, "Cannot connect to PostgreSQL at {}: {}.", m_peer, reason);
            error.where = m_peer;
            return error;
        }
        TRY(await(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline, stop));
    }
    return {};
}

Error PostgresLink::wrong(const PGresult* result) const {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char* message = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const ErrorCode code = state == nullptr ? ErrorCode::Unavailable : codeOf(state);
    Error error = fail(code, "PostgreSQL at {} refuses the query: {}.", m_peer,
                       firstLine(message == nullptr ? PQerrorMessage(m_connection) : message));
    if (code == ErrorCode::Unavailable)
        error.message = fmt::format("The connection to PostgreSQL at {} broke: {}.", m_peer,
                                    firstLine(message == nullptr ? PQerrorMessage(m_connection) : message));
    error.where = m_peer;
    return error;
}

Result<void> PostgresLink::start(const std::string& statement) {
    // The extended protocol takes one statement only: nothing can end the read-only transaction from within.
    if (PQsendQueryParams(m_connection, statement.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0 ||
        PQsetSingleRowMode(m_connection) == 0)
        return wrong(nullptr);
    return {};
}

Result<PgResult> PostgresLink::take(const std::stop_token& stop) {
    const auto deadline = steady_clock::now() + kLongestSilence;
    while (PQisBusy(m_connection) != 0) {
        TRY(await(POLLIN, deadline, stop));
        if (PQconsumeInput(m_connection) == 0)
            return wrong(nullptr);
    }
    PgResult result(PQgetResult(m_connection));
    const ExecStatusType status = result ? PQresultStatus(result.get()) : PGRES_COMMAND_OK;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE) {
        Error error = wrong(result.get());
        if (status == PGRES_COPY_OUT || status == PGRES_COPY_IN || status == PGRES_COPY_BOTH)
            error = fail(ErrorCode::InvalidInput, "The query for {} must be a SELECT, not a COPY.", m_peer);
        return error;
    }
    return result;
}

Result<void> PostgresLink::run(const std::string& statement, const std::stop_token& stop) {
    TRY(start(statement));
    while (TRY(take(stop))) {
    }
    return {};
}

} // namespace perch::data
