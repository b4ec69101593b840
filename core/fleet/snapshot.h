#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/units.h"
#include "core/registry/registry.h"
#include "core/spec/comparison_spec.h"
#include "core/telemetry/quality.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// All facts at one moment, immutable: the only input of screens and plans. Built by the reducer of a platform,
/// published as shared_ptr<const Snapshot>, read from any thread.
namespace perch::fleet {

using telemetry::LiveValue;

enum class Role { Stable, Canary, Shadow, Preview, Retired };
std::string_view toString(Role role); ///< `stable`...

/// One serving process or pod.
struct Replica {
    std::string name; ///< `churn-v2-0`
    enum class State { Starting, Ready, Draining, Crashed } state = State::Starting;
    std::string reason; ///< why it is not ready, in one sentence
    std::uint16_t port = 0;
    std::int64_t processId = 0;
    std::uint32_t restarts = 0;
    SystemTime startedAt{};
};

struct Replicas {
    std::uint32_t desired = 0;
    std::uint32_t running = 0;
    std::uint32_t ready = 0;
    std::vector<Replica> items;
    std::string uid; ///< identity of the object that wants them (the deployment); empty: there is none
    std::string object = {}; ///< the name of that object; empty: `Deployment/<model>-<version>`
};

using telemetry::FeatureDrift;
using telemetry::Quality;
using telemetry::Series;

struct VersionFacts {
    Version version;
    Role role = Role::Retired;
    std::string roleLabel;               ///< the role that its object is labelled with; empty: none
    std::optional<Percent> wantedWeight; ///< what the route says
    LiveValue realWeight;                ///< what the request counters say, 0 to 1
    Replicas replicas;
    Quality quality;
    telemetry::SinceStart sinceStart;    ///< of the rollout that runs, in the role it has; no data outside one
    std::map<std::string, Series> series; ///< `accuracy`, `p50_ms`, `p99_ms`, `requests_per_second`
    std::optional<registry::VersionRecord> record;
};

/// Where a rollout is. A pure function of the rollout record and the observed objects (core/rollout/phase.h).
enum class Phase {
    Idle, Preparing, Shadowing, Stepping, Held, Promoting, Done, Aborting, Aborted, RollingBack, RolledBack, Failed, Diverged
};
std::string_view toString(Phase phase); ///< `idle`, `rolling_back`...

enum class HoldReason { None, Person, Undecided, NoData, SourceDown, Freeze };

/// What the platform keeps of a rollout; changed by compare-and-swap on `revision` only.
struct RolloutRecord {
    std::uint64_t revision = 0; ///< 0: there is none yet
    std::string id;
    std::optional<Version> from;
    std::optional<Version> to;
    std::uint32_t step = 0;     ///< index into `weights`
    std::vector<Percent> weights; ///< the strategy's steps, e.g. 10, 25, 50, 100
    std::uint32_t replicas = 0; ///< that the model wants in all, where their numbers divide the traffic; 0: elsewhere
    SystemTime startedAt{};     ///< when the rollout began: what the comparison with stable counts from
    SystemTime stepSince{};
    /// What the executor set out to do last: the phase follows from it and the objects.
    enum class Goal { None, Step, Promote, Abort, RollBack, Shadow } goal = Goal::None;
    Percent mirrorShare;        ///< Shadow: of the requests
    bool finished = true;       ///< the goal has been reached
    std::string failure;        ///< why the last step failed, empty if it did not
    HoldReason hold = HoldReason::None;
    std::string holdBy;
    SystemTime holdUntil{};
    std::string executor;       ///< identity of the last actor
    std::uint64_t fence = 0;    ///< fencing number of that actor
    std::string auditHead;      ///< hash of the last audit record about this model
    std::string auditWriter;    ///< the chain that it is in; empty: one of the workspace that asks
    std::optional<Version> previousStable; ///< where a rollback without a version goes, once the rollout is over
};

/// What moves traffic on this platform and what it points to now.
struct Route {
    std::string object;             ///< `Route/churn`
    std::string uid;
    std::optional<Version> stable;
    std::optional<Version> canary;
    Percent canaryWeight;
    /// One address of its own for each version that the router can reach, where those are objects too (`Service/churn`).
    struct Address {
        Version version;
        std::string object;
        std::string uid;
        bool own = true;    ///< it selects replicas of this version only
        bool listed = true; ///< the route names it, perhaps with the weight 0
    };
    std::vector<Address> addresses = {};
    std::vector<std::string> listed = {}; ///< the addresses that the route names, in its order, without their kind
    const Address* addressOf(Version version) const;
};

/// Copies of a share of the requests go to a version whose answers reach nobody.
struct Mirror {
    Version version;
    Percent share;
    std::string pending = {}; ///< why it is not in effect on every ready stable replica yet; empty: it is
};

/// What divides the traffic of a model.
enum class Lever {
    Split,    ///< weights that a router keeps
    Replicas, ///< the numbers of replicas behind one address
};

/// Who knows the versions of a model and their roles.
enum class Keeper {
    Registry, ///< those that it knows are startable, aliases name them, the route gives them their roles
    Objects,  ///< the Deployments there are, labels on them; another version is begun as a copy of stable's Deployment
};

struct ModelFacts {
    ModelName model;
    std::string backend;            ///< `local`, `deployments`
    std::string whyFixed;           ///< why nothing can be changed through Perch, in one sentence; empty: it can
    std::string whyNoMirror;        ///< why no version can get copies of requests, in one sentence; empty: it can
    std::string owner;              ///< who else writes the route; empty: nobody
    Lever lever = Lever::Split;
    Keeper keeper = Keeper::Registry;
    Route route;
    std::optional<Mirror> mirror;   ///< wanted; nothing: no version shadows
    RolloutRecord rollout;
    std::string rolloutObject;      ///< what keeps the record; empty: `Rollout/<model>`
    std::string rolloutUid;         ///< identity of that object; empty: there is none
    Phase phase = Phase::Idle;
    std::string phaseReason;
    std::map<std::string, Version> aliases;
    std::vector<VersionFacts> versions; ///< those with a role first: stable, canary, shadow; then newest first
    double accuracyLimit = 0.90;
    double driftLimit = 0.15;
    double p99LimitMs = 50;
    double errorRateLimit = 0.01;
    std::uint32_t minimumSample = 500;
    spec::ComparisonSpec comparison;
    std::vector<Percent> strategy = {Percent::fromBasisPoints(1000), Percent::fromBasisPoints(2500),
        Percent::fromBasisPoints(5000), Percent::fromBasisPoints(10'000)}; ///< the steps of a new rollout
    std::uint32_t replicas = 0; ///< of a version with all traffic; 0: as many as the stable version has

    const VersionFacts* find(Version version) const;
    const VersionFacts* withRole(Role role) const;
};

/// Where facts come from.
struct SourceFacts {
    std::string name; ///< `Local platform`, `Prometheus`, `Registry`, `Truth store`
    enum class State { Ok, Stale, Down } state = State::Down;
    Seconds age{0};
    std::string message; ///< what is wrong, one sentence
};

struct Snapshot {
    std::uint64_t generation = 0;
    SystemTime takenAt{};
    std::string platform;                    ///< `local`, or the context of a kubeconfig
    std::string nameSpace;                   ///< of the cluster; empty: the platform is local
    std::string environment = "development"; ///< `production`, `staging` or `development`: the colour of the frame
    double timeFactor = 1;          ///< story seconds per second, 1 outside the demo
    std::vector<SourceFacts> sources;
    std::vector<ModelFacts> models; ///< by name
    std::vector<std::string> notes; ///< what looks like a model and cannot be shown as one, a sentence each

    const ModelFacts* find(const ModelName& model) const;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

} // namespace perch::fleet
