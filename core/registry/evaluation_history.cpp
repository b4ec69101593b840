#include "core/registry/evaluation_history.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

namespace perch::registry {

namespace {

constexpr std::string_view kSchema = R"sql(
CREATE TABLE evaluation_history(
    id INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, version INTEGER NOT NULL, from_time INTEGER NOT NULL,
    to_time INTEGER NOT NULL, rows INTEGER NOT NULL, metrics TEXT NOT NULL, limit_name TEXT NOT NULL, limit_value REAL,
    passed INTEGER, made_at INTEGER NOT NULL, made_by TEXT NOT NULL);
CREATE INDEX evaluation_history_by_model ON evaluation_history(model, id);
CREATE TRIGGER evaluation_history_kept BEFORE DELETE ON evaluation_history
    BEGIN SELECT RAISE(ABORT, 'the history of evaluations is append-only'); END;
CREATE TRIGGER evaluation_history_unchanged BEFORE UPDATE ON evaluation_history
    BEGIN SELECT RAISE(ABORT, 'the history of evaluations is append-only'); END;
)sql";

constexpr std::string_view kHistoryColumns =
    "model, version, from_time, to_time, rows, metrics, limit_name, limit_value, passed, made_at, made_by";

Result<EvaluationRecord> recordIn(const Statement& row) {
    EvaluationRecord record{.model = TRY(ModelName::parse(row.text(0))),
                            .version = Version{static_cast<std::uint32_t>(row.integer(1))},
                            .from = fromMillis(row.integer(2)),
                            .to = fromMillis(row.integer(3)),
                            .rows = static_cast<std::uint64_t>(row.integer(4)),
                            .limitName = row.text(6),
                            .madeAt = fromMillis(row.integer(9)),
                            .madeBy = row.text(10)};
    const nlohmann::json metrics = TRY(parseJson(row.text(5), "An evaluation of the registry"));
    for (const auto& [name, value] : metrics.items()) {
        if (!value.is_number())
            return fail(ErrorCode::Corrupt, "An evaluation of the registry: {} is not a number.", name);
        record.metrics.emplace(name, value.get<double>());
    }
    if (!row.isNull(7))
        record.limit = row.real(7);
    if (!row.isNull(8))
        record.passed = row.integer(8) != 0;
    return record;
}

} // namespace

Result<EvaluationHistory> EvaluationHistory::open(const Workspace& workspace) {
    Database database = TRY(Database::open(workspace.database(), Durability::Full));
    TRY(database.migrate("evaluations", {kSchema}));
    return EvaluationHistory(std::move(database));
}

Result<void> EvaluationHistory::add(const EvaluationRecord& record) {
    Statement write = TRY(m_database.prepare(
        fmt::format("INSERT INTO evaluation_history({}) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", kHistoryColumns)));
    write.bind(1, record.model.text()).bind(2, std::int64_t{record.version.number});
    write.bind(3, toMillis(record.from)).bind(4, toMillis(record.to));
    write.bind(5, static_cast<std::int64_t>(record.rows)).bind(6, nlohmann::json(record.metrics).dump());
    write.bind(7, record.limitName);
    if (record.limit)
        write.bind(8, *record.limit);
    else
        write.bindNull(8);
    if (record.passed)
        write.bind(9, std::int64_t{*record.passed});
    else
        write.bindNull(9);
    write.bind(10, toMillis(record.madeAt)).bind(11, record.madeBy);
    return write.run();
}

Result<std::vector<EvaluationRecord>> EvaluationHistory::list(const ModelName& model, std::size_t limit) {
    Statement read = TRY(m_database.prepare(
        fmt::format("SELECT {} FROM evaluation_history WHERE model = ? ORDER BY id DESC LIMIT ?", kHistoryColumns)));
    read.bind(1, model.text()).bind(2, static_cast<std::int64_t>(limit));
    std::vector<EvaluationRecord> records;
    while (TRY(read.step()))
        records.push_back(TRY(recordIn(read)));
    return records;
}

} // namespace perch::registry
