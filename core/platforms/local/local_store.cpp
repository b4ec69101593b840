#include "core/platforms/local/local_store.h"

#include "core/base/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace perch::local {

namespace {

const std::vector<std::string_view> kMigrations = {
    R"sql(
CREATE TABLE local_models (
    model TEXT PRIMARY KEY, uid TEXT NOT NULL, path TEXT NOT NULL, replicas INTEGER NOT NULL,
    accuracy_limit REAL NOT NULL, drift_limit REAL NOT NULL, p99_limit_ms REAL NOT NULL, error_rate_limit REAL NOT NULL,
    minimum_sample INTEGER NOT NULL, window_s REAL NOT NULL, weights TEXT NOT NULL) STRICT;
CREATE TABLE local_deployments (
    model TEXT NOT NULL, version INTEGER NOT NULL, uid TEXT NOT NULL, replicas INTEGER NOT NULL, slot INTEGER NOT NULL,
    digest TEXT NOT NULL, package TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (model, version)) STRICT;
CREATE TABLE local_rollouts (model TEXT PRIMARY KEY, uid TEXT NOT NULL, record TEXT NOT NULL) STRICT;
CREATE TABLE local_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
)sql",
    "ALTER TABLE local_models ADD COLUMN alert_accuracy REAL",
    // How a canary is compared with stable; the defaults are those of spec::ComparisonSpec.
    R"sql(
ALTER TABLE local_models ADD COLUMN comparison_use INTEGER NOT NULL DEFAULT 0;
ALTER TABLE local_models ADD COLUMN accuracy_margin REAL NOT NULL DEFAULT 0.02;
ALTER TABLE local_models ADD COLUMN error_margin REAL NOT NULL DEFAULT 0.005;
ALTER TABLE local_models ADD COLUMN comparison_alpha REAL NOT NULL DEFAULT 0.05;
)sql",
    "CREATE TABLE local_mirrors (model TEXT PRIMARY KEY, target TEXT NOT NULL) STRICT",
    R"sql(
ALTER TABLE local_models ADD COLUMN lookup_file TEXT;
ALTER TABLE local_models ADD COLUMN lookup_max_age_s REAL;
)sql"};

std::string joinWeights(const std::vector<Percent>& weights) {
    std::string text;
    for (const Percent& weight : weights)
        text += (text.empty() ? "" : ",") + std::to_string(weight.basisPoints());
    return text;
}

std::vector<Percent> splitWeights(const std::string& text) {
    std::vector<Percent> weights;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        weights.push_back(Percent::fromBasisPoints(std::atoi(text.substr(start, end - start).c_str())));
        start = end + 1;
    }
    return weights;
}

constexpr const char* kSelectModels = "SELECT model, uid, path, replicas, accuracy_limit, drift_limit, p99_limit_ms, "
                                      "error_rate_limit, minimum_sample, window_s, weights, alert_accuracy, "
                                      "comparison_use, accuracy_margin, error_margin, comparison_alpha, "
                                      "lookup_file, lookup_max_age_s "
                                      "FROM local_models ";

Result<DeployedModel> readModel(const Statement& row) {
    DeployedModel model;
    model.model = TRY(ModelName::parse(row.text(0)));
    model.uid = row.text(1);
    model.path = row.text(2);
    model.replicas = static_cast<std::uint32_t>(row.integer(3));
    model.gates.accuracy = row.real(4);
    model.gates.drift = row.real(5);
    model.gates.p99Ms = row.real(6);
    model.gates.errorRate = row.real(7);
    model.gates.minimumSample = static_cast<std::uint32_t>(row.integer(8));
    model.gates.window = Seconds(row.real(9));
    model.weights = splitWeights(row.text(10));
    if (!row.isNull(11))
        model.gates.alertAccuracy = row.real(11);
    spec::ComparisonSpec& comparison = model.gates.comparison;
    comparison.use = static_cast<spec::ComparisonSpec::Use>(std::clamp<std::int64_t>(row.integer(12), 0, 2));
    comparison.accuracyMargin = row.real(13);
    comparison.errorMargin = row.real(14);
    comparison.alpha = row.real(15);
    if (!row.isNull(16)) {
        model.lookup.emplace().file = row.text(16);
        if (!row.isNull(17))
            model.lookup->maxAge = Seconds(row.real(17));
    }
    return model;
}

constexpr const char* kSelectDeployments =
    "SELECT uid, model, version, replicas, slot, digest, package, created_at FROM local_deployments ";

Result<Deployment> readDeployment(const Statement& row) {
    Deployment deployment;
    deployment.uid = row.text(0);
    deployment.model = TRY(ModelName::parse(row.text(1)));
    deployment.version = Version{static_cast<std::uint32_t>(row.integer(2))};
    deployment.replicas = static_cast<std::uint32_t>(row.integer(3));
    deployment.slot = static_cast<int>(row.integer(4));
    deployment.digest = TRY(Digest::parse(row.text(5)));
    deployment.package = row.text(6);
    deployment.createdAt = fromMillis(row.integer(7));
    return deployment;
}

bool sameJson(const std::string& left, const std::string& right) {
    if (left == right)
        return true;
    const auto a = parseJson(left, "The rollout record"), b = parseJson(right, "The rollout record");
    return a && b && *a == *b;
}

} // namespace

Result<LocalStore> LocalStore::open(const Workspace& workspace) {
    Database database = TRY(Database::open(workspace.database(), Durability::Full));
    TRY(database.migrate("local", kMigrations));
    return LocalStore(std::move(database));
}

Result<std::vector<DeployedModel>> LocalStore::models() {
    Statement select = TRY(m_database.prepare(std::string(kSelectModels) + "ORDER BY model"));
    std::vector<DeployedModel> models;
    while (TRY(select.step()))
        models.push_back(TRY(readModel(select)));
    return models;
}

Result<std::optional<DeployedModel>> LocalStore::model(const ModelName& name) {
    Statement select = TRY(m_database.prepare(std::string(kSelectModels) + "WHERE model = ?"));
    select.bind(1, name.text());
    if (!TRY(select.step()))
        return std::optional<DeployedModel>();
    return std::optional(TRY(readModel(select)));
}

Result<void> LocalStore::putModel(const DeployedModel& model) {
    Statement insert = TRY(m_database.prepare(
        "INSERT INTO local_models VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (model) DO UPDATE SET "
        "path = excluded.path, replicas = excluded.replicas, accuracy_limit = excluded.accuracy_limit, "
        "drift_limit = excluded.drift_limit, p99_limit_ms = excluded.p99_limit_ms, "
        "error_rate_limit = excluded.error_rate_limit, minimum_sample = excluded.minimum_sample, "
        "window_s = excluded.window_s, weights = excluded.weights, alert_accuracy = excluded.alert_accuracy, "
        "comparison_use = excluded.comparison_use, accuracy_margin = excluded.accuracy_margin, "
        "error_margin = excluded.error_margin, comparison_alpha = excluded.comparison_alpha, "
        "lookup_file = excluded.lookup_file, lookup_max_age_s = excluded.lookup_max_age_s"));
    insert.bind(1, model.model.text()).bind(2, makeRandomId()).bind(3, model.path);
    insert.bind(4, std::int64_t{model.replicas}).bind(5, model.gates.accuracy).bind(6, model.gates.drift);
    insert.bind(7, model.gates.p99Ms).bind(8, model.gates.errorRate);
    insert.bind(9, std::int64_t{model.gates.minimumSample}).bind(10, model.gates.window.count());
    insert.bind(11, joinWeights(model.weights));
    if (model.gates.alertAccuracy)
        insert.bind(12, *model.gates.alertAccuracy);
    const spec::ComparisonSpec& comparison = model.gates.comparison;
    insert.bind(13, static_cast<std::int64_t>(comparison.use)).bind(14, comparison.accuracyMargin);
    insert.bind(15, comparison.errorMargin).bind(16, comparison.alpha);
    if (model.lookup) {
        insert.bind(17, model.lookup->file);
        if (model.lookup->maxAge)
            insert.bind(18, model.lookup->maxAge->count());
    }
    return insert.run();
}

Result<std::vector<Deployment>> LocalStore::deployments() {
    Statement select = TRY(m_database.prepare(std::string(kSelectDeployments) + "ORDER BY model, version"));
    std::vector<Deployment> deployments;
    while (TRY(select.step()))
        deployments.push_back(TRY(readDeployment(select)));
    return deployments;
}

Result<std::optional<Deployment>> LocalStore::deployment(const ModelName& model, Version version) {
    Statement select = TRY(m_database.prepare(std::string(kSelectDeployments) + "WHERE model = ? AND version = ?"));
    select.bind(1, model.text()).bind(2, std::int64_t{version.number});
    if (!TRY(select.step()))
        return std::optional<Deployment>();
    return std::optional(TRY(readDeployment(select)));
}

Result<int> LocalStore::freeSlot(const Deployment& wanted, const std::set<Version>& routed) {
    std::array<const Deployment*, kSlotsPerModel> holders{};
    const std::vector<Deployment> all = TRY(deployments());
    for (const Deployment& other : all) {
        if (other.model == wanted.model && other.slot >= 0 && other.slot < kSlotsPerModel)
            holders[static_cast<std::size_t>(other.slot)] = &other;
    }
    // A slot that nobody holds first, then the one of a version that has no replicas and no traffic.
    for (std::size_t slot = 0; slot < holders.size(); ++slot) {
        if (holders[slot] == nullptr || holders[slot]->version == wanted.version)
            return static_cast<int>(slot);
    }
    for (std::size_t slot = 0; slot < holders.size(); ++slot) {
        if (holders[slot]->replicas > 0 || routed.contains(holders[slot]->version))
            continue;
        Statement release = TRY(m_database.prepare("UPDATE local_deployments SET slot = -1 WHERE uid = ?"));
        TRY(release.bind(1, holders[slot]->uid).run());
        return static_cast<int>(slot);
    }
    return fail(ErrorCode::Conflict, "{} versions of {} run already, and no more fit: retire one first.",
                kSlotsPerModel, wanted.model.text());
}

Result<void> LocalStore::scale(const Deployment& wanted, std::uint32_t expected, const std::set<Version>& routed,
                               SystemTime now) {
    return m_database.transaction([&]() -> Result<void> {
        const std::optional<Deployment> present = TRY(deployment(wanted.model, wanted.version));
        const std::uint32_t replicas = present ? present->replicas : 0;
        if (replicas != expected && replicas != wanted.replicas) {
            return fail(ErrorCode::Conflict, "{} {} wants {} replicas now, not {}.", wanted.model.text(),
                        wanted.version.text(), replicas, expected);
        }
        int slot = present ? present->slot : -1;
        if (wanted.replicas > 0 && slot < 0)
            slot = TRY(freeSlot(wanted, routed));
        Statement put = TRY(m_database.prepare(
            "INSERT INTO local_deployments VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (model, version) DO UPDATE SET "
            "replicas = excluded.replicas, slot = excluded.slot, digest = excluded.digest, package = "
            "excluded.package"));
        put.bind(1, wanted.model.text()).bind(2, std::int64_t{wanted.version.number});
        put.bind(3, makeRandomId()).bind(4, std::int64_t{wanted.replicas}).bind(5, std::int64_t{slot});
        put.bind(6, wanted.digest.hex()).bind(7, wanted.package.string()).bind(8, toMillis(now));
        return put.run();
    });
}

Result<std::optional<StoredRecord>> LocalStore::rolloutRecord(const ModelName& model) {
    Statement select = TRY(m_database.prepare("SELECT uid, record FROM local_rollouts WHERE model = ?"));
    select.bind(1, model.text());
    if (!TRY(select.step()))
        return std::optional<StoredRecord>();
    return std::optional(StoredRecord{select.text(0), select.text(1)});
}

Result<void> LocalStore::replaceRolloutRecord(const ModelName& model, const std::string& before,
                                              const std::string& after) {
    return m_database.transaction([&]() -> Result<void> {
        const std::optional<StoredRecord> present = TRY(rolloutRecord(model));
        const std::string now = present ? present->json : std::string();
        if (sameJson(now, after))
            return {};
        if (!sameJson(now, before)) {
            return fail(ErrorCode::Conflict, "The rollout record of {} was changed by somebody else meanwhile.",
                        model.text());
        }
        Statement put = TRY(m_database.prepare("INSERT INTO local_rollouts VALUES (?, ?, ?) "
                                               "ON CONFLICT (model) DO UPDATE SET record = excluded.record"));
        return put.bind(1, model.text()).bind(2, makeRandomId()).bind(3, after).run();
    });
}

Result<std::map<ModelName, std::string>> LocalStore::mirrors() {
    Statement select = TRY(m_database.prepare("SELECT model, target FROM local_mirrors"));
    std::map<ModelName, std::string> mirrors;
    while (TRY(select.step()))
        mirrors[TRY(ModelName::parse(select.text(0)))] = select.text(1);
    return mirrors;
}

Result<std::string> LocalStore::mirror(const ModelName& model) {
    Statement select = TRY(m_database.prepare("SELECT target FROM local_mirrors WHERE model = ?"));
    select.bind(1, model.text());
    return TRY(select.step()) ? select.text(0) : std::string();
}

Result<void> LocalStore::replaceMirror(const ModelName& model, const std::string& before, const std::string& after) {
    return m_database.transaction([&]() -> Result<void> {
        const std::string now = TRY(mirror(model));
        if (now == after)
            return {};
        if (now != before)
            return fail(ErrorCode::Conflict, "The mirror of {} was changed by somebody else meanwhile.", model.text());
        Statement put =
            TRY(m_database.prepare(after.empty() ? "DELETE FROM local_mirrors WHERE model = ?"
                                                 : "INSERT INTO local_mirrors VALUES (?, ?) "
                                                   "ON CONFLICT (model) DO UPDATE SET target = excluded.target"));
        put.bind(1, model.text());
        if (!after.empty())
            put.bind(2, after);
        return put.run();
    });
}

Result<std::optional<std::string>> LocalStore::setting(std::string_view name) {
    Statement select = TRY(m_database.prepare("SELECT value FROM local_settings WHERE name = ?"));
    select.bind(1, name);
    if (!TRY(select.step()))
        return std::optional<std::string>();
    return std::optional(select.text(0));
}

Result<void> LocalStore::setSetting(std::string_view name, std::string_view value) {
    Statement put = TRY(m_database.prepare(
        "INSERT INTO local_settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"));
    return put.bind(1, name).bind(2, value).run();
}

} // namespace perch::local
