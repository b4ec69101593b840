#pragma once

#include "core/base/clock.h"
#include "core/base/database.h"
#include "core/base/ids.h"
#include "core/base/workspace.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace perch::registry {

/// What a version achieved on labelled requests of a span of time.
struct EvaluationRecord {
    ModelName model;
    Version version;
    SystemTime from{}, to{};
    std::uint64_t rows = 0;
    std::map<std::string, double> metrics; ///< accuracy, precision, recall, f1 (several classes: macro); undefined ones
                                           ///< are absent
    std::string limitName;                 ///< `f1`; empty: perch.yaml has no limit
    std::optional<double> limit;
    std::optional<bool> passed; ///< nothing: no limit, or the metric is undefined
    SystemTime madeAt{};
    std::string madeBy;
};

/// The evaluations on live labels, beside the versions in the workspace's database. Append-only; the database itself
/// refuses to change or delete them. One thread at a time; several processes may use one workspace.
class EvaluationHistory {
public:
    static Result<EvaluationHistory> open(const Workspace& workspace);
    Result<void> add(const EvaluationRecord& record);
    /// Newest first, at most `limit`.
    Result<std::vector<EvaluationRecord>> list(const ModelName& model, std::size_t limit);

private:
    explicit EvaluationHistory(Database database) : m_database(std::move(database)) {}
    Database m_database;
};

} // namespace perch::registry
