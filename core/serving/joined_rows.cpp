#include "core/serving/joined_rows.h"

#include "core/base/database.h"

namespace perch::serving {

namespace {

Result<Database> openTruth(const std::filesystem::path& database) {
    if (std::error_code ignored; !std::filesystem::exists(database, ignored))
        return fail(ErrorCode::NotFound, "There is no truth store at {}: perch local up starts one.",
                    database.string());
    return Database::open(database, Durability::Normal);
}

Result<Statement> prepareRead(Database& store, const std::filesystem::path& database, const char* sql) {
    Result<Statement> prepared = store.prepare(sql);
    if (!prepared)
        return fail(ErrorCode::Corrupt, "{} is no truth store: {}", database.string(), prepared.error().message);
    return prepared;
}

} // namespace

Result<std::vector<JoinedCount>> readJoinedRows(const std::filesystem::path& database, const std::string& model,
                                                SystemTime from, SystemTime to) {
    Database store = TRY(openTruth(database));
    Statement read = TRY(prepareRead(
        store, database,
        "SELECT r.version, t.truth, r.predicted, count(*) FROM record r JOIN truth t ON t.model = r.model AND "
        "t.request_id = r.request_id WHERE r.model = ? AND r.time >= ? AND r.time < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, "
        "3"));
    read.bind(1, model).bind(2, toMillis(from)).bind(3, toMillis(to));
    std::vector<JoinedCount> counts;
    while (TRY(read.step()))
        counts.push_back({read.text(0), read.text(1), read.text(2), static_cast<std::uint64_t>(read.integer(3))});
    return counts;
}

Result<std::unordered_map<std::string, std::string>> readTruths(const std::filesystem::path& database,
                                                                const std::string& model) {
    Database store = TRY(openTruth(database));
    Statement read = TRY(prepareRead(store, database, "SELECT request_id, truth FROM truth WHERE model = ?"));
    read.bind(1, model);
    std::unordered_map<std::string, std::string> truths;
    while (TRY(read.step()))
        truths.emplace(read.text(0), read.text(1));
    return truths;
}

} // namespace perch::serving
