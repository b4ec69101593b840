#include "core/registry/embedded_registry.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <system_error>

namespace perch::registry {

namespace {

constexpr std::string_view kFirstSchema = R"sql(
CREATE TABLE model_version(
    model TEXT NOT NULL, version INTEGER NOT NULL, digest TEXT NOT NULL, package TEXT NOT NULL,
    created_at INTEGER NOT NULL, created_by TEXT NOT NULL, metrics TEXT NOT NULL, parameters TEXT NOT NULL,
    fingerprint TEXT NOT NULL, data_source TEXT NOT NULL, code_version TEXT NOT NULL, accepted INTEGER,
    PRIMARY KEY(model, version)) WITHOUT ROWID;
CREATE TABLE alias(
    model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY(model, alias), FOREIGN KEY(model, version) REFERENCES model_version(model, version)) WITHOUT ROWID;
CREATE TABLE alias_history(
    id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, alias TEXT NOT NULL, version INTEGER,
    moved_at INTEGER NOT NULL, moved_by TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX alias_history_by_alias ON alias_history(model, alias, id);
CREATE TRIGGER model_version_kept BEFORE DELETE ON model_version
    BEGIN SELECT RAISE(ABORT, 'a version is immutable'); END;
CREATE TRIGGER model_version_unchanged BEFORE UPDATE ON model_version
    BEGIN SELECT RAISE(ABORT, 'a version is immutable'); END;
CREATE TRIGGER alias_history_kept BEFORE DELETE ON alias_history
    BEGIN SELECT RAISE(ABORT, 'the history of aliases is append-only'); END;
CREATE TRIGGER alias_history_unchanged BEFORE UPDATE ON alias_history
    BEGIN SELECT RAISE(ABORT, 'the history of aliases is append-only'); END;
)sql";

constexpr std::string_view kVersionColumns =
    "model, version, digest, package, created_at, created_by, metrics, parameters, "
    "fingerprint, data_source, code_version, accepted";

template <typename Value>
Result<std::map<std::string, Value>> readMap(const std::string& text, const std::string& what) {
    const nlohmann::json document = TRY(parseJson(text, what));
    std::map<std::string, Value> values;
    for (const auto& [key, value] : document.items()) {
        if constexpr (std::is_same_v<Value, double>) {
            if (!value.is_number())
                return fail(ErrorCode::Corrupt, "{}: {} is not a number.", what, key);
        } else if (!value.is_string()) {
            return fail(ErrorCode::Corrupt, "{}: {} is not a text.", what, key);
        }
        values.emplace(key, value.template get<Value>());
    }
    return values;
}

Result<std::string> parseAlias(std::string_view text) {
    std::string alias = canonicalAlias(text);
    const auto allowed = [](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '-' || c == '_'; };
    if (alias.empty() || alias.size() > 63 || !std::ranges::all_of(alias, allowed))
        return fail(ErrorCode::InvalidInput,
                    "'{}' is not an alias: use lower-case letters, digits, '-' and '_', at most 63.", text);
    return alias;
}

std::string nameOf(const std::optional<Version>& version) {
    return version ? version->text() : "unset";
}

void bindVersion(Statement& statement, int index, const std::optional<Version>& version) {
    if (version)
        statement.bind(index, std::int64_t{version->number});
    else
        statement.bindNull(index);
}

std::optional<Version> versionIn(const Statement& row, int column) {
    if (row.isNull(column))
        return std::nullopt;
    return Version{static_cast<std::uint32_t>(row.integer(column))};
}

/// The path as stored: relative if it lies in the workspace, so that a workspace can be moved.
std::string storedPath(const std::filesystem::path& package, const std::filesystem::path& root) {
    std::error_code ignored;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(package, ignored);
    const std::filesystem::path relative = whole.lexically_relative(std::filesystem::weakly_canonical(root, ignored));
    const bool inside = !relative.empty() && *relative.begin() != "..";
    return inside ? relative.string() : whole.string();
}

} // namespace

Result<std::unique_ptr<EmbeddedRegistry>> EmbeddedRegistry::open(const Workspace& workspace, const Clock& clock) {
    Database database = TRY(Database::open(workspace.database(), Durability::Full));
    TRY(database.migrate("registry", {kFirstSchema}));
    return std::unique_ptr<EmbeddedRegistry>(new EmbeddedRegistry(std::move(database), workspace.root(), clock));
}

Result<VersionRecord> EmbeddedRegistry::readRecord(const Statement& row) const {
    VersionRecord record;
    record.model = TRY(ModelName::parse(row.text(0)));
    record.version = Version{static_cast<std::uint32_t>(row.integer(1))};
    const std::string what = fmt::format("The registry's record of {} {}", row.text(0), record.version.text());
    record.digest = TRY(Digest::parse(row.text(2)));
    record.package = m_root / row.text(3);
    record.createdAt = fromMillis(row.integer(4));
    record.createdBy = row.text(5);
    record.metrics = TRY(readMap<double>(row.text(6), what));
    record.parameters = TRY(readMap<std::string>(row.text(7), what));
    record.fingerprint = row.text(8);
    record.dataSource = row.text(9);
    record.codeVersion = row.text(10);
    if (!row.isNull(11))
        record.accepted = row.integer(11) != 0;
    return record;
}

Result<std::vector<ModelName>> EmbeddedRegistry::models() {
    Statement read = TRY(m_database.prepare("SELECT DISTINCT model FROM model_version ORDER BY model"));
    std::vector<ModelName> names;
    while (TRY(read.step()))
        names.push_back(TRY(ModelName::parse(read.text(0))));
    return names;
}

Result<std::vector<VersionRecord>> EmbeddedRegistry::versions(const ModelName& model) {
    Statement read = TRY(m_database.prepare(
        fmt::format("SELECT {} FROM model_version WHERE model = ? ORDER BY version", kVersionColumns)));
    read.bind(1, model.text());
    std::vector<VersionRecord> records;
    while (TRY(read.step()))
        records.push_back(TRY(readRecord(read)));
    return records;
}

Result<VersionRecord> EmbeddedRegistry::version(const ModelName& model, Version version) {
    Statement read = TRY(m_database.prepare(
        fmt::format("SELECT {} FROM model_version WHERE model = ? AND version = ?", kVersionColumns)));
    read.bind(1, model.text()).bind(2, std::int64_t{version.number});
    if (!TRY(read.step()))
        return fail(ErrorCode::NotFound, "The registry has no version {} of {}.", version.text(), model.text());
    return readRecord(read);
}

Result<VersionRecord> EmbeddedRegistry::add(NewVersion record) {
    if (record.model.text().empty() || record.digest.empty())
        return fail(ErrorCode::InvalidInput, "A new version needs a model name and the digest of its package.");
    std::error_code reason;
    if (!std::filesystem::is_directory(record.package, reason))
        return fail(ErrorCode::NotFound, "There is no package in {}.", record.package.string());
    if (record.createdAt == SystemTime{})
        record.createdAt = m_clock.now();
    const std::string metrics = nlohmann::json(record.metrics).dump();
    const std::string parameters =
        nlohmann::json(record.parameters).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    TRY(m_database.transaction([&]() -> Result<void> {
        Statement next =
            TRY(m_database.prepare("SELECT ifnull(max(version), 0) + 1 FROM model_version WHERE model = ?"));
        next.bind(1, record.model.text());
        TRY(next.step());
        record.version = Version{static_cast<std::uint32_t>(next.integer(0))};
        Statement write = TRY(m_database.prepare(
            fmt::format("INSERT INTO model_version({}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kVersionColumns)));
        write.bind(1, record.model.text()).bind(2, std::int64_t{record.version.number});
        write.bind(3, record.digest.hex()).bind(4, storedPath(record.package, m_root));
        write.bind(5, toMillis(record.createdAt)).bind(6, record.createdBy);
        write.bind(7, metrics).bind(8, parameters).bind(9, record.fingerprint);
        write.bind(10, record.dataSource).bind(11, record.codeVersion);
        if (record.accepted)
            write.bind(12, std::int64_t{*record.accepted});
        else
            write.bindNull(12);
        return write.run();
    }));
    return version(record.model, record.version);
}

Result<std::map<std::string, Version>> EmbeddedRegistry::aliases(const ModelName& model) {
    Statement read = TRY(m_database.prepare("SELECT alias, version FROM alias WHERE model = ?"));
    read.bind(1, model.text());
    std::map<std::string, Version> aliases;
    while (TRY(read.step()))
        aliases.emplace(read.text(0), *versionIn(read, 1));
    return aliases;
}

Result<std::optional<Version>> EmbeddedRegistry::aliasNow(const ModelName& model, const std::string& alias) {
    Statement read = TRY(m_database.prepare("SELECT version FROM alias WHERE model = ? AND alias = ?"));
    read.bind(1, model.text()).bind(2, alias);
    std::optional<Version> now;
    if (TRY(read.step()))
        now = versionIn(read, 0);
    return now;
}

Result<void> EmbeddedRegistry::requireVersion(const ModelName& model, Version version) {
    Statement read = TRY(m_database.prepare("SELECT 1 FROM model_version WHERE model = ? AND version = ?"));
    read.bind(1, model.text()).bind(2, std::int64_t{version.number});
    if (!TRY(read.step()))
        return fail(ErrorCode::NotFound, "The registry has no version {} of {}.", version.text(), model.text());
    return {};
}

Result<void> EmbeddedRegistry::writeHistory(const ModelName& model, const std::string& alias,
                                            std::optional<Version> version, const std::string& who,
                                            const std::string& reason) {
    // A wall clock that jumped back must not reorder the history.
    Statement write = TRY(m_database.prepare(
        "INSERT INTO alias_history(model, alias, version, moved_at, moved_by, reason) "
        "VALUES(?1, ?2, ?3, max(?4, ifnull((SELECT max(moved_at) FROM alias_history WHERE model = ?1 AND alias = ?2), "
        "0)), ?5, ?6)"));
    write.bind(1, model.text()).bind(2, alias);
    bindVersion(write, 3, version);
    write.bind(4, toMillis(m_clock.now())).bind(5, who).bind(6, reason);
    return write.run();
}

Result<void> EmbeddedRegistry::moveAlias(const ModelName& model, std::string_view alias,
                                         std::optional<Version> expected, std::optional<Version> to,
                                         const std::string& who, const std::string& reason) {
    const std::string name = TRY(parseAlias(alias));
    return m_database.transaction([&]() -> Result<void> {
        const std::optional<Version> now = TRY(aliasNow(model, name));
        if (now == to)
            return {};
        if (now != expected)
            return fail(ErrorCode::Conflict, "The alias {} of {} is {} now, expected was {}.", name, model.text(),
                        nameOf(now), nameOf(expected));
        if (to)
            TRY(requireVersion(model, *to));
        Statement write =
            TRY(m_database.prepare(to ? "INSERT INTO alias VALUES(?1, ?2, ?3) "
                                        "ON CONFLICT(model, alias) DO UPDATE SET version = excluded.version"
                                      : "DELETE FROM alias WHERE model = ?1 AND alias = ?2"));
        write.bind(1, model.text()).bind(2, name);
        if (to)
            bindVersion(write, 3, to);
        TRY(write.run());
        return writeHistory(model, name, to, who, reason);
    });
}

Result<std::vector<AliasRecord>> EmbeddedRegistry::aliasHistory(const ModelName& model, std::string_view alias) {
    const std::string name = TRY(parseAlias(alias));
    Statement read = TRY(m_database.prepare("SELECT version, moved_at, moved_by, reason FROM alias_history "
                                            "WHERE model = ? AND alias = ? ORDER BY id"));
    read.bind(1, model.text()).bind(2, name);
    std::vector<AliasRecord> history;
    while (TRY(read.step())) {
        history.push_back({.alias = name,
                           .version = versionIn(read, 0),
                           .movedAt = fromMillis(read.integer(1)),
                           .movedBy = read.text(2),
                           .reason = read.text(3)});
    }
    return history;
}

Result<std::optional<Version>> EmbeddedRegistry::aliasAt(const ModelName& model, std::string_view alias,
                                                         SystemTime when) {
    const std::string name = TRY(parseAlias(alias));
    Statement read = TRY(m_database.prepare("SELECT version FROM alias_history WHERE model = ? AND alias = ? "
                                            "AND moved_at <= ? ORDER BY id DESC LIMIT 1"));
    read.bind(1, model.text()).bind(2, name).bind(3, toMillis(when));
    std::optional<Version> then;
    if (TRY(read.step()))
        then = versionIn(read, 0);
    return then;
}

} // namespace perch::registry
