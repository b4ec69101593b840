#include "core/base/database.h"

#include <cerrno>
#include <sqlite3.h>

namespace perch {

namespace {

sqlite3* asDatabase(void* handle) {
    return static_cast<sqlite3*>(handle);
}

sqlite3_stmt* asStatement(void* handle) {
    return static_cast<sqlite3_stmt*>(handle);
}

Error databaseError(void* handle) {
    sqlite3* database = asDatabase(handle);
    const char* file = sqlite3_db_filename(database, "main");
    const std::string name = file != nullptr && *file != '\0' ? file : "the database";
    const int code = sqlite3_errcode(database);
    const char* reason = sqlite3_errmsg(database);
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(ErrorCode::Conflict, "{} is locked by another process.", name);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(ErrorCode::Corrupt, "{} is damaged: {}.", name, reason);
    case SQLITE_FULL:
        return fail(ErrorCode::Unavailable, "Cannot write {}: the disk is full.", name);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        if (sqlite3_system_errno(database) == ENOSPC)
            return fail(ErrorCode::Unavailable, "Cannot write {}: the disk is full.", name);
        return fail(ErrorCode::Unavailable, "Cannot use {}: {}.", name, reason);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fail(ErrorCode::Denied, "{} is read-only.", name);
    case SQLITE_CONSTRAINT:
        return fail(ErrorCode::Conflict, "{}: {}.", name, reason);
    default:
        return fail(ErrorCode::Internal, "{}: {}.", name, reason);
    }
}

/// `name` is what SQLite is told: the file's own or a URI.
Result<sqlite3*> openHandle(const std::filesystem::path& file, const std::string& name, int flags) {
    sqlite3* handle = nullptr;
    if (sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr) == SQLITE_OK)
        return handle;
    Error error = fail(ErrorCode::Unavailable, "Cannot open {}: {}.", file.string(), sqlite3_errmsg(handle));
    sqlite3_close(handle);
    return error;
}

} // namespace

Statement::Statement(Statement&& other) noexcept
    : m_database(other.m_database),
      m_statement(std::exchange(other.m_statement, nullptr)) {}

Statement::~Statement() {
    sqlite3_finalize(asStatement(m_statement));
}

Statement& Statement::bind(int index, std::int64_t value) {
    sqlite3_bind_int64(asStatement(m_statement), index, value);
    return *this;
}

Statement& Statement::bind(int index, double value) {
    sqlite3_bind_double(asStatement(m_statement), index, value);
    return *this;
}

Statement& Statement::bind(int index, std::string_view text) {
    sqlite3_bind_text64(
        asStatement(m_statement), index, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(int index, const std::optional<std::string>& text) {
    return text ? bind(index, std::string_view(*text)) : bindNull(index);
}

Statement& Statement::bindNull(int index) {
    sqlite3_bind_null(asStatement(m_statement), index);
    return *this;
}

Result<bool> Statement::step() {
    switch (sqlite3_step(asStatement(m_statement))) {
    case SQLITE_ROW:
        return true;
    case SQLITE_DONE:
        return false;
    default: {
        Error error = databaseError(m_database);
        reset();
        return error;
    }
    }
}

Result<void> Statement::run() {
    TRY(step());
    reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(asStatement(m_statement));
    sqlite3_clear_bindings(asStatement(m_statement));
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(asStatement(m_statement), column);
}

double Statement::real(int column) const {
    return sqlite3_column_double(asStatement(m_statement), column);
}

std::string Statement::text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(asStatement(m_statement), column));
    const int size = sqlite3_column_bytes(asStatement(m_statement), column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

bool Statement::isNull(int column) const {
    return sqlite3_column_type(asStatement(m_statement), column) == SQLITE_NULL;
}

Result<Database> Database::open(const std::filesystem::path& file, Durability durability) {
    sqlite3* handle = TRY(openHandle(file, file.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE));
    Database database(handle);
    sqlite3_busy_timeout(handle, 5'000);
    if (durability == Durability::InPlace) {
        // The write-ahead log stays when the last connection closes, and starts over after this many pages.
        int on = 1;
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
        TRY(database.execute("PRAGMA wal_autocheckpoint = 200;"));
    }
    TRY(database.execute("PRAGMA journal_mode = WAL;"));
    TRY(database.execute("PRAGMA foreign_keys = ON;"));
    TRY(database.execute(
        durability == Durability::Normal ? "PRAGMA synchronous = NORMAL;" : "PRAGMA synchronous = FULL;"));
    return database;
}

Result<Database> Database::openImmutable(const std::filesystem::path& file) {
    std::string uri = "file:";
    for (const char letter : file.string()) {
        // What would end the path of a URI.
        if (letter == '%' || letter == '?' || letter == '#')
            uri += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
        else
            uri += letter;
    }
    return Database(TRY(openHandle(file, uri + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI)));
}

Database::Database(Database&& other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(m_handle, other.m_handle);
    return *this;
}

Database::~Database() {
    sqlite3_close(asDatabase(m_handle));
}

Result<void> Database::execute(std::string_view sql) {
    if (sqlite3_exec(asDatabase(m_handle), std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        return databaseError(m_handle);
    return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(asDatabase(m_handle), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
        SQLITE_OK)
        return databaseError(m_handle);
    return Statement(m_handle, statement);
}

Result<void> Database::transaction(const std::function<Result<void>()>& body) {
    TRY(execute("BEGIN IMMEDIATE"));
    Result<void> result = body();
    if (result)
        result = execute("COMMIT");
    if (!result) {
        // The first error is the one to report; a failed COMMIT may have rolled back already.
        (void)execute("ROLLBACK").has_value();
    }
    return result;
}

std::int64_t Database::lastInsertId() const {
    return sqlite3_last_insert_rowid(asDatabase(m_handle));
}

std::int64_t Database::changes() const {
    return sqlite3_changes64(asDatabase(m_handle));
}

Result<void> Database::migrate(const std::vector<std::string_view>& migrations) {
    return transaction([&]() -> Result<void> {
        std::size_t version = 0;
        {
            Statement read = TRY(prepare("PRAGMA user_version"));
            TRY(read.step());
            version = static_cast<std::size_t>(read.integer(0));
        }
        if (version > migrations.size())
            return fail(ErrorCode::InvalidInput, "The database was written by a newer Perch (schema {}).", version);
        for (; version < migrations.size(); ++version)
            TRY(execute(migrations[version]));
        return execute(fmt::format("PRAGMA user_version = {}", migrations.size()));
    });
}

Result<void> Database::migrate(std::string_view room, const std::vector<std::string_view>& migrations) {
    return transaction([&]() -> Result<void> {
        TRY(execute("CREATE TABLE IF NOT EXISTS schema_version(room TEXT PRIMARY KEY, version INTEGER NOT NULL)"));
        std::size_t version = 0;
        {
            Statement read = TRY(prepare("SELECT version FROM schema_version WHERE room = ?"));
            if (TRY(read.bind(1, room).step()))
                version = static_cast<std::size_t>(read.integer(0));
        }
        if (version > migrations.size())
            return fail(
                ErrorCode::InvalidInput, "The {} tables were written by a newer Perch (schema {}).", room, version);
        for (; version < migrations.size(); ++version)
            TRY(execute(migrations[version]));
        Statement write = TRY(prepare("INSERT INTO schema_version VALUES(?, ?) "
                                      "ON CONFLICT(room) DO UPDATE SET version = excluded.version"));
        return write.bind(1, room).bind(2, static_cast<std::int64_t>(migrations.size())).run();
    });
}

} // namespace perch
