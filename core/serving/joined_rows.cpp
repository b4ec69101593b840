#include "core/serving/joined_rows.h"

#include "core/base/database.h"

namespace perch::serving {

Result<std::vector<JoinedCount>> readJoinedRows(const std::filesystem::path& database, const std::string& model,
                                                SystemTime from, SystemTime to) {
    if (std::error_code ignored; !std::filesystem::exists(database, ignored))
        return fail(ErrorCode::NotFound, "There is no truth store at {}: perch local up starts one.",
                    database.string());
    Database store = TRY(Database::open(database, Durability::Normal));
    Result<Statement> prepared = store.prepare(
        "SELECT r.version, t.truth, r.predicted, count(*) FROM record r JOIN truth t ON t.model = r.model AND "
        "t.request_id = r.request_id WHERE r.model = ? AND r.time >= ? AND r.time < ? GROUP BY 1, 2, 3 ORDER BY 1, 2, "
        "3");
    if (!prepared)
        return fail(ErrorCode::Corrupt, "{} is no truth store: {}", database.string(), prepared.error().message);
    Statement read = *std::move(prepared);
    read.bind(1, model).bind(2, toMillis(from)).bind(3, toMillis(to));
    std::vector<JoinedCount> counts;
    while (TRY(read.step()))
        counts.push_back({read.text(0), read.text(1), read.text(2), static_cast<std::uint64_t>(read.integer(3))});
    return counts;
}

} // namespace perch::serving
