#pragma once

#include "core/base/clock.h"
#include "core/base/database.h"
#include "core/base/ids.h"
#include "core/base/workspace.h"
#include "core/spec/model_spec.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace perch::local {

/// A model has this many slots, so at most this many of its versions can run at a time. A slot is one HAProxy backend.
inline constexpr int kSlotsPerModel = 4;

/// A model that the platform serves: its address and the limits that alerts and screens use.
struct DeployedModel {
    ModelName model;
    std::string uid;
    std::string path;           ///< alias path, e.g. `/predict_churn`
    std::uint32_t replicas = 2; ///< of a version that takes traffic
    spec::GateSpec gates;
    std::vector<Percent> weights; ///< steps of a rollout
    std::optional<spec::LookupSpec> lookup = {}; ///< with the path of its file
};

/// The wanted state of one version: how many replicas of which package.
struct Deployment {
    std::string uid;
    ModelName model;
    Version version;
    std::uint32_t replicas = 0;
    int slot = -1; ///< HAProxy backend `<model>.<slot>`; -1 while it has none
    Digest digest;
    std::filesystem::path package;
    SystemTime createdAt{};
};

/// A rollout record as stored: its JSON text and the identity of the row.
struct StoredRecord {
    std::string uid;
    std::string json;
};

/// The wanted state of the local platform, in workspace.db: what the supervisor reconciles processes and HAProxy to.
/// The traffic split is not here but in HAProxy's map file. One thread at a time; several processes may use the file.
class LocalStore {
public:
    static Result<LocalStore> open(const Workspace& workspace);

    Result<std::vector<DeployedModel>> models();
    Result<std::optional<DeployedModel>> model(const ModelName& name);
    /// Adds or replaces; the uid of an existing model stays.
    Result<void> putModel(const DeployedModel& model);

    Result<std::vector<Deployment>> deployments();
    Result<std::optional<Deployment>> deployment(const ModelName& model, Version version);
    /// Sets the wanted replicas in one transaction: Conflict if they are neither `expected` (0 where the deployment
    /// does not exist) nor `wanted.replicas` already, or if every slot is taken by a running version or by one of
    /// `routed`.
    Result<void> scale(const Deployment& wanted, std::uint32_t expected, const std::set<Version>& routed,
                       SystemTime now);

    Result<std::optional<StoredRecord>> rolloutRecord(const ModelName& model);
    /// Compare-and-swap on the whole record (JSON values are compared, not bytes): Conflict if it is neither `before`
    /// (empty: there is none) nor `after` already.
    Result<void> replaceRolloutRecord(const ModelName& model, const std::string& before, const std::string& after);

    /// The mirrors that are wanted, as their texts (core/rollout/split.h).
    Result<std::map<ModelName, std::string>> mirrors();
    /// That of one model; empty if there is none.
    Result<std::string> mirror(const ModelName& model);
    /// Compare-and-set, empty for none: Conflict if the text is neither `before` nor `after` already.
    Result<void> replaceMirror(const ModelName& model, const std::string& before, const std::string& after);

    Result<std::optional<std::string>> setting(std::string_view name);
    Result<void> setSetting(std::string_view name, std::string_view value);

private:
    explicit LocalStore(Database database) : m_database(std::move(database)) {}
    Result<int> freeSlot(const Deployment& wanted, const std::set<Version>& routed);
    Database m_database;
};

} // namespace perch::local
