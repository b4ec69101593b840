#pragma once

#include "core/base/clock.h"
#include "core/base/database.h"
#include "core/model/predict/package.h"

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// Which file a name leads to, to see that it was replaced.
struct FileIdentity {
    std::uint64_t device = 0, inode = 0, bytes = 0;
    std::int64_t changedNanoseconds = 0;

    /// Errors are those of fileError.
    static Result<FileIdentity> of(const std::filesystem::path& file);
    bool operator==(const FileIdentity&) const = default;
};

/// One lookup table as `perch data publish` wrote it (core/data/build/lookup_table.h), opened for one model. It stays
/// the file that was opened, also when another takes its name. Rows are read from the file, so memory does not grow
/// with it. Safe from any thread; each lookup has one of `connections` to itself.
class LookupFile {
public:
    /// Reads the whole file once. NotFound, Unavailable, Corrupt; InvalidInput for another schema or a column whose
    /// type is not the model's; Conflict for a table of another model.
    static Result<std::unique_ptr<LookupFile>> open(const std::filesystem::path& file, const model::Package& package,
                                                    unsigned connections);

    /// The column of the entity.
    const std::string& key() const { return m_key; }
    /// The fields of the model that the table has, as positions in the transform, ascending.
    std::span<const std::size_t> fields() const { return m_fields; }
    /// The moment of which the features are.
    SystemTime asOf() const { return m_asOf; }

    /// The values of an entity, one for each of `fields()`, into `values`; false if the table does not have it.
    Result<bool> find(std::string_view entity, std::span<data::Cell> values) const;

private:
    struct Connection {
        Database database;
        Statement select;
    };
    class Lease;
    LookupFile() = default;
    Result<void> readAbout(Database& database, const std::string& name, const model::Package& package);
    Result<void> readColumns(Database& database, const std::string& name, const model::Package& package);

    std::string m_key;
    SystemTime m_asOf{};
    std::vector<std::size_t> m_fields;
    std::vector<bool> m_flags;          ///< of each field, whether it is a boolean
    std::vector<std::string> m_columns; ///< of each field, its name
    std::vector<std::unique_ptr<Connection>> m_connections;
    mutable std::mutex m_mutex; ///< guards what follows
    mutable std::condition_variable m_returned;
    mutable std::vector<Connection*> m_idle;
};

} // namespace perch::serving
