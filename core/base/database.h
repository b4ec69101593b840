#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch {

/// How hard a commit is pushed to disk.
enum class Durability {
    Normal,  ///< WAL, synced at checkpoints: survives kill -9, may lose the last commits at a power cut
    Full,    ///< synced at every commit
    InPlace, ///< synced at every commit, in files that keep their space and are written over: works on a full disk
             ///< once they are large enough
};

/// A prepared SQLite statement. Bind with `bind(1, ...)`, then `step`. Not thread-safe.
class Statement {
public:
    Statement(Statement&& other) noexcept;
    ~Statement();
    Statement& bind(int index, std::int64_t value);
    Statement& bind(int index, double value);
    Statement& bind(int index, std::string_view text);
    Statement& bind(int index, const std::string& text) { return bind(index, std::string_view(text)); }
    Statement& bind(int index, const char* text) { return bind(index, std::string_view(text)); }
    Statement& bind(int index, const std::optional<std::string>& text);
    Statement& bindNull(int index);
    /// True while there is a row.
    Result<bool> step();
    /// Runs a statement that returns no rows and makes it ready to be bound again.
    Result<void> run();
    void reset();

    std::int64_t integer(int column) const;
    double real(int column) const;
    std::string text(int column) const;
    bool isNull(int column) const;

private:
    friend class Database;
    Statement(void* database, void* statement) : m_database(database), m_statement(statement) {}
    void* m_database = nullptr;
    void* m_statement = nullptr;
};

/// One SQLite connection. Not thread-safe: one thread or one lock owns it. Several processes may open the same file.
/// Errors: Conflict when another process holds the write lock beyond the busy timeout, Corrupt for a damaged
/// file, Unavailable for a full disk.
class Database {
public:
    static Result<Database> open(const std::filesystem::path& file, Durability durability);
    /// For reading a file that nobody writes to, also on a read-only file system: no locks, no files beside it.
    static Result<Database> openImmutable(const std::filesystem::path& file);
    Database(Database&& other) noexcept;
    Database& operator=(Database&& other) noexcept;
    ~Database();

    Result<void> execute(std::string_view sql);
    Result<Statement> prepare(std::string_view sql);
    /// Runs `body` in one immediate transaction; rolled back if it fails.
    Result<void> transaction(const std::function<Result<void>()>& body);
    std::int64_t lastInsertId() const;
    /// Rows changed by the last statement.
    std::int64_t changes() const;
    /// Brings the schema to `migrations.size()`: entry i is the SQL that leads from version i to i + 1.
    /// The version is the file's own: for a file of one room.
    Result<void> migrate(const std::vector<std::string_view>& migrations);
    /// The same for a file that several rooms share: each room keeps its own version, in the table schema_version.
    /// Table names must not clash between rooms.
    Result<void> migrate(std::string_view room, const std::vector<std::string_view>& migrations);

private:
    explicit Database(void* handle) : m_handle(handle) {}
    void* m_handle = nullptr;
};

} // namespace perch
