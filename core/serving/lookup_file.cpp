#include "core/serving/lookup_file.h"

#include "core/base/file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sys/stat.h>

namespace perch::serving {

namespace {

constexpr std::string_view kLookupSchema = "1";

/// A name within double quotes, for SQL.
std::string quotedColumn(const std::string& name) {
    std::string text = "\"";
    for (const char letter : name)
        text += letter == '"' ? "\"\"" : std::string(1, letter);
    return text + '"';
}

} // namespace

Result<FileIdentity> FileIdentity::of(const std::filesystem::path& file) {
    struct stat facts{};
    if (::stat(file.c_str(), &facts) != 0)
        return fileError(file, "read");
    return FileIdentity{facts.st_dev, facts.st_ino, static_cast<std::uint64_t>(facts.st_size),
                        facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

/// A connection for the length of one lookup.
class LookupFile::Lease {
public:
    explicit Lease(const LookupFile& file) : m_file(file) {
        std::unique_lock lock(m_file.m_mutex);
        m_file.m_returned.wait(lock, [&] { return !m_file.m_idle.empty(); });
        m_connection = m_file.m_idle.back();
        m_file.m_idle.pop_back();
    }
    ~Lease() {
        m_connection->select.reset();
        {
            const std::lock_guard lock(m_file.m_mutex);
            m_file.m_idle.push_back(m_connection);
        }
        m_file.m_returned.notify_one();
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Statement& select() { return m_connection->select; }

private:
    const LookupFile& m_file;
    Connection* m_connection = nullptr;
};

Result<std::unique_ptr<LookupFile>> LookupFile::open(const std::filesystem::path& path, const model::Package& package,
                                                     unsigned connections) {
    // The name may get another file at any moment: all connections must be of the same one.
    const FileIdentity before = TRY(FileIdentity::of(path));
    std::unique_ptr<LookupFile> file(new LookupFile());
    Database first = TRY(Database::openImmutable(path));
    {
        Statement check = TRY(first.prepare("PRAGMA quick_check(1)"));
        if (!TRY(check.step()) || check.text(0) != "ok")
            return fail(ErrorCode::Corrupt, "The lookup table {} is damaged: {}.", path.string(), check.text(0));
    }
    TRY(file->readAbout(first, path.string(), package));
    TRY(file->readColumns(first, path.string(), package));
    std::string columns;
    for (const std::string& column : file->m_columns)
        columns += (columns.empty() ? "" : ", ") + quotedColumn(column);
    const std::string sql = fmt::format("SELECT {} FROM features WHERE key = ?", columns);
    for (unsigned i = 0; i < connections; ++i) {
        Database database = i == 0 ? std::move(first) : TRY(Database::openImmutable(path));
        Statement select = TRY(database.prepare(sql));
        file->m_connections.push_back(std::make_unique<Connection>(Connection{std::move(database), std::move(select)}));
        file->m_idle.push_back(file->m_connections.back().get());
    }
    if (TRY(FileIdentity::of(path)) != before)
        return fail(ErrorCode::Unavailable, "The lookup table {} was replaced while it was opened.", path.string());
    return file;
}

Result<void> LookupFile::readAbout(Database& database, const std::string& name, const model::Package& package) {
    // The time is parsed by SQLite, whose seconds are enough for an age.
    Statement read = TRY(database.prepare("SELECT name, value, strftime('%s', value) FROM about"));
    std::string schema, model, seconds;
    while (TRY(read.step())) {
        const std::string what = read.text(0);
        if (what == "schema")
            schema = read.text(1);
        else if (what == "model")
            model = read.text(1);
        else if (what == "key")
            m_key = read.text(1);
        else if (what == "as_of")
            seconds = read.text(2);
    }
    if (schema != kLookupSchema)
        return fail(ErrorCode::InvalidInput, "The lookup table {} has the schema \"{}\"; this version knows {}.", name,
                    schema, kLookupSchema);
    if (model != package.card.model.text())
        return fail(ErrorCode::Conflict, "The lookup table {} is of the model \"{}\", not of {}.", name, model,
                    package.card.model.text());
    std::int64_t moment = 0;
    const auto [end, code] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), moment);
    if (m_key.empty() || code != std::errc() || end != seconds.data() + seconds.size())
        return fail(ErrorCode::Corrupt, "The lookup table {} does not say its key or its moment.", name);
    m_asOf = fromMillis(moment * 1'000);
    return {};
}

Result<void> LookupFile::readColumns(Database& database, const std::string& name, const model::Package& package) {
    Statement read = TRY(database.prepare("SELECT name, type FROM columns ORDER BY position"));
    std::vector<std::pair<std::size_t, bool>> found;
    while (TRY(read.step())) {
        const std::string column = read.text(0), type = read.text(1);
        const std::optional<std::size_t> field = package.transform.find(column);
        // A model may leave features out.
        if (!field)
            continue;
        const data::FieldType wanted = package.transform.fields()[*field].type;
        if (type != data::toString(wanted))
            return fail(ErrorCode::InvalidInput,
                        "The column \"{}\" of the lookup table {} is a {}, but the model's field is a {}.", column,
                        name, type, data::toString(wanted));
        found.emplace_back(*field, wanted == data::FieldType::Boolean);
    }
    if (found.empty())
        return fail(ErrorCode::InvalidInput, "The lookup table {} has no field of the model {}.", name,
                    package.card.model.text());
    std::ranges::sort(found);
    for (const auto& [field, flag] : found) {
        m_fields.push_back(field);
        m_flags.push_back(flag);
        m_columns.push_back(package.transform.fields()[field].name);
    }
    return {};
}

Result<bool> LookupFile::find(std::string_view entity, std::span<data::Cell> values) const {
    Lease lease(*this);
    Statement& select = lease.select();
    if (!TRY(select.bind(1, entity).step()))
        return false;
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        const int column = static_cast<int>(i);
        values[i] = select.isNull(column) ? data::Cell()
                    : m_flags[i]          ? data::Cell(select.integer(column) != 0)
                                          : data::Cell(select.real(column));
    }
    return true;
}

} // namespace perch::serving
