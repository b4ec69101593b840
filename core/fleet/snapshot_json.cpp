#include "core/fleet/snapshot_json.h"

#include "core/telemetry/live_value_json.h"

#include <nlohmann/json.hpp>

#include <array>

namespace perch::fleet {

namespace {

using nlohmann::json;

/// Names of an enum's values in order; the first is 0.
template <typename Enum, std::size_t N>
struct Names {
    std::array<const char*, N> names;
    json of(Enum value) const { return names[static_cast<std::size_t>(value)]; }
    Enum parse(const json& text) const {
        const auto found = std::find(names.begin(), names.end(), text.get<std::string>());
        if (found == names.end())
            throw std::invalid_argument("unknown word \"" + text.get<std::string>() + "\"");
        return static_cast<Enum>(found - names.begin());
    }
};

constexpr Names<Role, 5> kRoles{{"stable", "canary", "shadow", "preview", "retired"}};
constexpr Names<Replica::State, 4> kReplicaStates{{"starting", "ready", "draining", "crashed"}};
constexpr Names<telemetry::LiveState, 4> kLiveStates{{"ok", "stale", "no_data", "source_down"}};
constexpr Names<SourceFacts::State, 3> kSourceStates{{"ok", "stale", "down"}};
constexpr Names<HoldReason, 6> kHolds{{"none", "person", "undecided", "no_data", "source_down", "freeze"}};
constexpr Names<RolloutRecord::Goal, 6> kGoals{{"none", "step", "promote", "abort", "roll_back", "shadow"}};
constexpr Names<spec::ComparisonSpec::Use, 3> kComparisonUses{{"required", "advisory", "off"}};
constexpr Names<Lever, 2> kLevers{{"split", "replicas"}};
constexpr Names<Keeper, 2> kKeepers{{"registry", "objects"}};
constexpr Names<Phase, 13> kPhases{{"idle", "preparing", "shadowing", "stepping", "held", "promoting", "done", "aborting", "aborted",
    "rolling_back", "rolled_back", "failed", "diverged"}};

template <typename T>
json optionalJson(const std::optional<T>& value) {
    return value ? json(*value) : json();
}

std::optional<double> optionalNumber(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

json versionJson(const std::optional<Version>& version) {
    return version ? json(version->number) : json();
}

std::optional<Version> versionFrom(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(Version{value.get<std::uint32_t>()});
}

template <typename T>
T valid(Result<T> result) {
    if (!result)
        throw std::invalid_argument(result.error().message);
    return *std::move(result);
}

LiveValue liveFrom(const json& j) {
    LiveValue v;
    v.value = optionalNumber(j.at("value"));
    v.low = optionalNumber(j.at("low"));
    v.high = optionalNumber(j.at("high"));
    v.sampleSize = j.at("n").get<std::uint64_t>();
    v.window = Seconds(j.at("window_s").get<double>());
    v.age = Seconds(j.at("age_s").get<double>());
    v.state = kLiveStates.parse(j.at("state"));
    v.source = j.at("source").get<std::string>();
    return v;
}

json toJson(const std::vector<std::optional<double>>& values) {
    json list = json::array();
    for (const std::optional<double>& value : values)
        list.push_back(optionalJson(value));
    return list;
}

std::vector<std::optional<double>> valuesFrom(const json& j) {
    std::vector<std::optional<double>> values;
    for (const json& value : j)
        values.push_back(optionalNumber(value));
    return values;
}

json toJson(const Series& s) {
    return {{"start_ms", toMillis(s.start)}, {"step_s", s.step.count()}, {"values", toJson(s.values)},
        {"low", toJson(s.low)}, {"high", toJson(s.high)}};
}

Series seriesFrom(const json& j) {
    return {fromMillis(j.at("start_ms").get<std::int64_t>()), Seconds(j.at("step_s").get<double>()),
        valuesFrom(j.at("values")), valuesFrom(j.at("low")), valuesFrom(j.at("high"))};
}

json toJson(const Replicas& r) {
    json items = json::array();
    for (const Replica& item : r.items) {
        items.push_back({{"name", item.name}, {"state", kReplicaStates.of(item.state)}, {"reason", item.reason},
            {"port", item.port}, {"pid", item.processId}, {"restarts", item.restarts},
            {"started_ms", toMillis(item.startedAt)}});
    }
    json result = {{"desired", r.desired}, {"running", r.running}, {"ready", r.ready}, {"items", items}, {"uid", r.uid}};
    if (!r.object.empty())
        result["object"] = r.object;
    return result;
}

Replicas replicasFrom(const json& j) {
    Replicas r{j.at("desired").get<std::uint32_t>(), j.at("running").get<std::uint32_t>(),
        j.at("ready").get<std::uint32_t>(), {}, j.at("uid").get<std::string>(),
        j.value("object", std::string())};
    for (const json& item : j.at("items")) {
        r.items.push_back({item.at("name").get<std::string>(), kReplicaStates.parse(item.at("state")),
            item.at("reason").get<std::string>(), item.at("port").get<std::uint16_t>(),
            item.at("pid").get<std::int64_t>(), item.at("restarts").get<std::uint32_t>(),
            fromMillis(item.at("started_ms").get<std::int64_t>())});
    }
    return r;
}

/// The live numbers of a version under their names.
template <typename QualityType, typename Visit>
void visitQuality(QualityType& q, const Visit& visit) {
    visit("accuracy", q.accuracy);
    visit("precision", q.precision);
    visit("recall", q.recall);
    visit("f1", q.f1);
    visit("drift", q.drift);
    visit("p50_ms", q.p50Ms);
    visit("p99_ms", q.p99Ms);
    visit("error_rate", q.errorRate);
    visit("requests_per_second", q.requestsPerSecond);
}

json toJson(const Quality& quality) {
    json result = json::object();
    visitQuality(quality, [&](const char* name, const LiveValue& value) { result[name] = toJson(value); });
    json features = json::array();
    for (const FeatureDrift& f : quality.features) {
        json history = json::array(), bins = json::array();
        for (const telemetry::LiveBin& bin : f.bins)
            bins.push_back({bin.label, bin.reference, bin.current});
        for (const Series& range : f.history)
            history.push_back(toJson(range));
        features.push_back({{"feature", f.feature}, {"importance", f.importance}, {"psi", toJson(f.psi)},
            {"bins", bins}, {"history", history}});
    }
    result["features"] = features;
    json alerts = json::array();
    for (const std::vector<SystemTime>& beginnings : quality.driftAlerts) {
        json range = json::array();
        for (const SystemTime began : beginnings)
            range.push_back(toMillis(began));
        alerts.push_back(std::move(range));
    }
    result["drift_alerts_ms"] = alerts;
    return result;
}

Quality qualityFrom(const json& j) {
    Quality quality;
    visitQuality(quality, [&](const char* name, LiveValue& value) { value = liveFrom(j.at(name)); });
    for (const json& f : j.at("features")) {
        FeatureDrift& feature = quality.features.emplace_back();
        feature = {f.at("feature").get<std::string>(), f.at("importance").get<double>(), liveFrom(f.at("psi"))};
        for (const json& bin : f.at("bins"))
            feature.bins.push_back({bin.at(0).get<std::string>(), bin.at(1).get<double>(), bin.at(2).get<double>()});
        for (std::size_t range = 0; range < feature.history.size(); ++range)
            feature.history[range] = seriesFrom(f.at("history").at(range));
    }
    if (j.contains("drift_alerts_ms")) {
        for (std::size_t range = 0; range < quality.driftAlerts.size(); ++range) {
            for (const json& began : j["drift_alerts_ms"].at(range))
                quality.driftAlerts[range].push_back(fromMillis(began.get<std::int64_t>()));
        }
    }
    return quality;
}

json toJson(const registry::VersionRecord& r) {
    return {{"model", r.model.text()}, {"version", r.version.number}, {"digest", r.digest.hex()},
        {"package", r.package.string()}, {"created_ms", toMillis(r.createdAt)}, {"created_by", r.createdBy},
        {"metrics", r.metrics}, {"parameters", r.parameters}, {"fingerprint", r.fingerprint},
        {"data_source", r.dataSource}, {"code_version", r.codeVersion}, {"accepted", optionalJson(r.accepted)}};
}

registry::VersionRecord recordFrom(const json& j) {
    registry::VersionRecord r;
    r.model = valid(ModelName::parse(j.at("model").get<std::string>()));
    r.version = Version{j.at("version").get<std::uint32_t>()};
    if (const auto hex = j.at("digest").get<std::string>(); !hex.empty())
        r.digest = valid(Digest::parse(hex));
    r.package = j.at("package").get<std::string>();
    r.createdAt = fromMillis(j.at("created_ms").get<std::int64_t>());
    r.createdBy = j.at("created_by").get<std::string>();
    r.metrics = j.at("metrics").get<std::map<std::string, double>>();
    r.parameters = j.at("parameters").get<std::map<std::string, std::string>>();
    r.fingerprint = j.at("fingerprint").get<std::string>();
    r.dataSource = j.at("data_source").get<std::string>();
    r.codeVersion = j.at("code_version").get<std::string>();
    if (!j.at("accepted").is_null())
        r.accepted = j.at("accepted").get<bool>();
    return r;
}

json toJson(const VersionFacts& v) {
    json series = json::object();
    for (const auto& [name, values] : v.series)
        series[name] = toJson(values);
    json result = {{"version", v.version.number}, {"role", kRoles.of(v.role)},
        {"wanted_weight", v.wantedWeight ? json(v.wantedWeight->basisPoints()) : json()},
        {"real_weight", toJson(v.realWeight)}, {"replicas", toJson(v.replicas)}, {"quality", toJson(v.quality)},
        {"since_start", {{"accuracy", toJson(v.sinceStart.accuracy)}, {"error_rate", toJson(v.sinceStart.errorRate)}}},
        {"series", series}, {"record", v.record ? toJson(*v.record) : json()}};
    if (!v.roleLabel.empty())
        result["role_label"] = v.roleLabel;
    return result;
}

VersionFacts versionFactsFrom(const json& j) {
    VersionFacts v;
    v.version = Version{j.at("version").get<std::uint32_t>()};
    v.role = kRoles.parse(j.at("role"));
    if (!j.at("wanted_weight").is_null())
        v.wantedWeight = Percent::fromBasisPoints(j.at("wanted_weight").get<int>());
    v.realWeight = liveFrom(j.at("real_weight"));
    v.replicas = replicasFrom(j.at("replicas"));
    v.quality = qualityFrom(j.at("quality"));
    if (j.contains("since_start"))
        v.sinceStart = {liveFrom(j["since_start"].at("accuracy")), liveFrom(j["since_start"].at("error_rate"))};
    for (const auto& [name, values] : j.at("series").items())
        v.series[name] = seriesFrom(values);
    v.roleLabel = j.value("role_label", std::string());
    if (!j.at("record").is_null())
        v.record = recordFrom(j.at("record"));
    return v;
}

json toJson(const std::vector<Percent>& weights) {
    json list = json::array();
    for (const Percent weight : weights)
        list.push_back(weight.basisPoints());
    return list;
}

std::vector<Percent> weightsFrom(const json& j) {
    std::vector<Percent> weights;
    for (const json& weight : j)
        weights.push_back(Percent::fromBasisPoints(weight.get<int>()));
    return weights;
}

json toJson(const RolloutRecord& r) {
    json result = {{"revision", r.revision}, {"id", r.id}, {"from", versionJson(r.from)}, {"to", versionJson(r.to)},
        {"step", r.step}, {"weights", toJson(r.weights)}, {"started_ms", toMillis(r.startedAt)},
        {"step_since_ms", toMillis(r.stepSince)}, {"goal", kGoals.of(r.goal)},
        {"finished", r.finished}, {"failure", r.failure}, {"hold", kHolds.of(r.hold)}, {"hold_by", r.holdBy},
        {"hold_until_ms", toMillis(r.holdUntil)}, {"executor", r.executor}, {"fence", r.fence},
        {"audit_head", r.auditHead}, {"previous_stable", versionJson(r.previousStable)}};
    if (r.mirrorShare > Percent())
        result["mirror_share"] = r.mirrorShare.basisPoints();
    if (r.replicas > 0)
        result["replicas"] = r.replicas;
    if (!r.auditWriter.empty())
        result["audit_writer"] = r.auditWriter;
    return result;
}

RolloutRecord rolloutFrom(const json& j) {
    RolloutRecord r;
    r.revision = j.at("revision").get<std::uint64_t>();
    r.id = j.at("id").get<std::string>();
    r.from = versionFrom(j.at("from"));
    r.to = versionFrom(j.at("to"));
    r.step = j.at("step").get<std::uint32_t>();
    r.weights = weightsFrom(j.at("weights"));
    r.stepSince = fromMillis(j.at("step_since_ms").get<std::int64_t>());
    r.startedAt = j.contains("started_ms") ? fromMillis(j["started_ms"].get<std::int64_t>()) : r.stepSince;
    r.goal = kGoals.parse(j.at("goal"));
    r.mirrorShare = Percent::fromBasisPoints(j.value("mirror_share", 0));
    r.replicas = j.value("replicas", std::uint32_t{0});
    r.finished = j.at("finished").get<bool>();
    r.failure = j.at("failure").get<std::string>();
    r.hold = kHolds.parse(j.at("hold"));
    r.holdBy = j.at("hold_by").get<std::string>();
    r.holdUntil = fromMillis(j.at("hold_until_ms").get<std::int64_t>());
    r.executor = j.at("executor").get<std::string>();
    r.fence = j.at("fence").get<std::uint64_t>();
    r.auditHead = j.at("audit_head").get<std::string>();
    r.auditWriter = j.value("audit_writer", std::string());
    r.previousStable = versionFrom(j.at("previous_stable"));
    return r;
}

std::optional<Mirror> mirrorFrom(const json& j) {
    if (!j.contains("mirror"))
        return std::nullopt;
    const json& m = j["mirror"];
    return Mirror{Version{m.at("version").get<std::uint32_t>()}, Percent::fromBasisPoints(m.at("share").get<int>()),
        m.at("pending").get<std::string>()};
}

json addressesJson(const Route& route) {
    json list = json::array();
    for (const Route::Address& address : route.addresses)
        list.push_back({{"version", address.version.number}, {"object", address.object}, {"uid", address.uid},
            {"own", address.own}, {"listed", address.listed}});
    return list;
}

json toJson(const ModelFacts& m) {
    json versions = json::array();
    for (const VersionFacts& version : m.versions)
        versions.push_back(toJson(version));
    json aliases = json::object();
    for (const auto& [alias, version] : m.aliases)
        aliases[alias] = version.number;
    const json route = {{"object", m.route.object}, {"uid", m.route.uid}, {"stable", versionJson(m.route.stable)},
        {"canary", versionJson(m.route.canary)}, {"canary_weight", m.route.canaryWeight.basisPoints()}};
    json result = {{"model", m.model.text()}, {"backend", m.backend}, {"owner", m.owner}, {"route", route},
        {"rollout", toJson(m.rollout)}, {"rollout_uid", m.rolloutUid}, {"strategy", toJson(m.strategy)}, {"replicas", m.replicas}, {"phase", kPhases.of(m.phase)}, {"phase_reason", m.phaseReason},
        {"aliases", aliases}, {"versions", versions}, {"accuracy_limit", m.accuracyLimit},
        {"drift_limit", m.driftLimit}, {"p99_limit_ms", m.p99LimitMs}, {"error_rate_limit", m.errorRateLimit},
        {"minimum_sample", m.minimumSample},
        {"comparison", {{"use", kComparisonUses.of(m.comparison.use)}, {"accuracy_margin", m.comparison.accuracyMargin},
            {"error_margin", m.comparison.errorMargin}, {"alpha", m.comparison.alpha}}}};
    // Of clusters only: what is recorded of the local platform stays as it was.
    if (m.lever != Lever::Split || m.keeper != Keeper::Registry)
        result["cluster"] = {{"lever", kLevers.of(m.lever)}, {"keeper", kKeepers.of(m.keeper)},
            {"why_fixed", m.whyFixed}, {"why_no_mirror", m.whyNoMirror}, {"rollout_object", m.rolloutObject},
            {"addresses", addressesJson(m.route)}, {"listed", m.route.listed}};
    if (m.mirror)
        result["mirror"] = {{"version", m.mirror->version.number}, {"share", m.mirror->share.basisPoints()},
            {"pending", m.mirror->pending}};
    return result;
}

ModelFacts modelFrom(const json& j) {
    ModelFacts m;
    m.model = valid(ModelName::parse(j.at("model").get<std::string>()));
    m.backend = j.at("backend").get<std::string>();
    m.owner = j.at("owner").get<std::string>();
    const json& route = j.at("route");
    m.route = {route.at("object").get<std::string>(), route.at("uid").get<std::string>(),
        versionFrom(route.at("stable")), versionFrom(route.at("canary")),
        Percent::fromBasisPoints(route.at("canary_weight").get<int>()), {}, {}};
    m.mirror = mirrorFrom(j);
    m.rollout = rolloutFrom(j.at("rollout"));
    m.strategy = weightsFrom(j.at("strategy"));
    m.replicas = j.at("replicas").get<std::uint32_t>();
    m.rolloutUid = j.at("rollout_uid").get<std::string>();
    if (j.contains("cluster")) {
        const json& c = j["cluster"];
        m.lever = kLevers.parse(c.at("lever"));
        m.keeper = kKeepers.parse(c.at("keeper"));
        m.whyFixed = c.at("why_fixed").get<std::string>();
        m.whyNoMirror = c.at("why_no_mirror").get<std::string>();
        m.rolloutObject = c.at("rollout_object").get<std::string>();
        m.route.listed = c.value("listed", std::vector<std::string>());
        for (const json& a : c.value("addresses", json::array()))
            m.route.addresses.push_back({Version{a.at("version").get<std::uint32_t>()}, a.at("object").get<std::string>(),
                a.at("uid").get<std::string>(), a.at("own").get<bool>(), a.at("listed").get<bool>()});
    }
    m.phase = kPhases.parse(j.at("phase"));
    m.phaseReason = j.at("phase_reason").get<std::string>();
    for (const auto& [alias, version] : j.at("aliases").items())
        m.aliases[alias] = Version{version.get<std::uint32_t>()};
    for (const json& version : j.at("versions"))
        m.versions.push_back(versionFactsFrom(version));
    m.accuracyLimit = j.at("accuracy_limit").get<double>();
    m.driftLimit = j.at("drift_limit").get<double>();
    m.p99LimitMs = j.at("p99_limit_ms").get<double>();
    m.errorRateLimit = j.at("error_rate_limit").get<double>();
    m.minimumSample = j.at("minimum_sample").get<std::uint32_t>();
    if (j.contains("comparison")) {
        const json& c = j["comparison"];
        m.comparison = {kComparisonUses.parse(c.at("use")), c.at("accuracy_margin").get<double>(),
            c.at("error_margin").get<double>(), c.at("alpha").get<double>()};
    }
    return m;
}

Snapshot snapshotFrom(const json& j) {
    Snapshot s;
    s.generation = j.at("generation").get<std::uint64_t>();
    s.takenAt = fromMillis(j.at("taken_ms").get<std::int64_t>());
    s.platform = j.at("platform").get<std::string>();
    s.nameSpace = j.value("namespace", std::string());
    s.notes = j.value("notes", std::vector<std::string>());
    s.environment = j.at("environment").get<std::string>();
    s.timeFactor = j.at("time_factor").get<double>();
    for (const json& source : j.at("sources")) {
        s.sources.push_back({source.at("name").get<std::string>(), kSourceStates.parse(source.at("state")),
            Seconds(source.at("age_s").get<double>()), source.at("message").get<std::string>()});
    }
    for (const json& model : j.at("models"))
        s.models.push_back(modelFrom(model));
    return s;
}

} // namespace

json toJson(const Snapshot& s) {
    json sources = json::array();
    for (const SourceFacts& source : s.sources) {
        sources.push_back({{"name", source.name}, {"state", kSourceStates.of(source.state)},
            {"age_s", source.age.count()}, {"message", source.message}});
    }
    json models = json::array();
    for (const ModelFacts& model : s.models)
        models.push_back(toJson(model));
    return {{"schema", 1},
            {"generation", s.generation},
            {"taken_ms", toMillis(s.takenAt)},
            {"platform", s.platform},
            {"namespace", s.nameSpace},
            {"notes", s.notes},
            {"environment", s.environment},
            {"time_factor", s.timeFactor},
            {"sources", sources},
            {"models", models}};
}

Result<SnapshotPtr> snapshotFromJson(const json& document) {
    try {
        return std::make_shared<const Snapshot>(snapshotFrom(document));
    } catch (const json::exception& error) {
        return fail(ErrorCode::InvalidInput, "The recorded snapshot cannot be read: {}.", error.what());
    } catch (const std::invalid_argument& error) {
        return fail(ErrorCode::InvalidInput, "The recorded snapshot cannot be read: {}.", error.what());
    }
}

} // namespace perch::fleet
