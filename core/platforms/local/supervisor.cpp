#include "core/platforms/local/supervisor.h"

#include "core/base/file.h"
#include "core/base/log.h"
#include "core/http/client.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/local_status.h"
#include "core/platforms/local/local_store.h"
#include "core/platforms/local/mirror_files.h"
#include "core/platforms/local/monitoring.h"
#include "core/platforms/local/orphan_reaper.h"
#include "core/platforms/local/replica_pool.h"
#include "core/platforms/local/router.h"
#include "core/platforms/local/weekly_evaluation.h"

#include <nlohmann/json.hpp>

#include <csignal>
#include <set>
#include <unistd.h>

namespace perch::local {

namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 10ms;
constexpr auto kReadWanted = 40ms;
constexpr auto kHeartbeat = 500ms;
constexpr auto kEndGrace = 8s;
constexpr auto kLookForOrphans = 200ms;

SupervisedProcess::Spec truthSpec(const LocalFiles& files, const LocalSettings& settings, const Programs& programs) {
    return {"truth",
            {{programs.server.string(), "truth", "--db", files.truthDatabase().string(), "--port",
              std::to_string(settings.truthPort)},
             files.root,
             files.log("truth")},
            settings.truthPort,
            settings.truthPort,
            "/readyz"};
}

SupervisedProcess::Spec prometheusSpec(const LocalFiles& files, const LocalSettings& settings,
                                       const Programs& programs) {
    return {"prometheus",
            {{programs.prometheus.string(), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
              fmt::format("--web.listen-address=127.0.0.1:{}", settings.prometheusPort),
              "--storage.tsdb.retention.time=15d", "--storage.tsdb.retention.size=2GB", "--log.level=warn"},
             files.prometheus(),
             files.log("prometheus")},
            settings.prometheusPort,
            settings.prometheusPort,
            "/-/ready"};
}

class Supervisor {
public:
    Supervisor(const Workspace& workspace, const LocalFiles& files, LocalStore& store, const LocalSettings& settings,
               const Programs& programs, const Clock& clock)
        : m_files(files),
          m_store(store),
          m_settings(settings),
          m_clock(clock),
          m_truth(truthSpec(files, settings, programs), clock),
          m_prometheus(prometheusSpec(files, settings, programs), clock),
          m_router(files, settings, programs, clock),
          m_pool(files, settings, programs, clock),
          m_mirrors(files),
          m_weekly(workspace, programs.perch, settings.timeFactor, clock),
          m_startedAt(clock.now()) {}

    /// One round of the loop. Errors that a later round may not have are put into the status.
    void advance(const OrphanReaper& orphans) {
        const SteadyTime now = m_clock.steadyNow();
        if (now >= m_nextWanted) {
            const Result<void> read = readWanted();
            m_failure = read ? std::string() : read.error().message;
            m_nextWanted = now + kReadWanted;
        }
        m_truth.advance();
        m_prometheus.advance();
        m_pool.advance(m_router);
        if (const auto wanted = m_router.want(routerModels(), m_pool.routerServers()); !wanted)
            m_failure = wanted.error().message;
        m_router.advance();
        if (const auto written = writeTargets(); !written)
            m_failure = written.error().message;
        if (const auto evaluated = m_weekly.advance(m_models); !evaluated)
            m_failure = evaluated.error().message;
        if (now >= m_nextOrphans) {
            orphans.advance(ownProcesses());
            m_nextOrphans = now + kLookForOrphans;
        }
        publish();
    }

    void end() {
        m_router.stop(2s);
        m_pool.stopAll(kEndGrace);
        m_prometheus.stop(kEndGrace);
        m_truth.stop(kEndGrace);
        const SteadyTime limit = m_clock.steadyNow() + kEndGrace + 2s;
        while (!(m_router.process().ended() && m_prometheus.ended() && m_truth.ended() && m_pool.empty()) &&
               m_clock.steadyNow() < limit) {
            m_truth.advance();
            m_prometheus.advance();
            m_router.advance();
            m_pool.advance(m_router);
            http::pause(kTick, {});
        }
        std::error_code ignored;
        std::filesystem::remove(m_files.status(), ignored);
    }

private:
    Result<void> readWanted() {
        m_models = TRY(m_store.models());
        const auto deployments = TRY(m_store.deployments());
        TRY(m_pool.reconcile(m_models, deployments));
        TRY(m_mirrors.advance(TRY(m_store.mirrors()), m_pool.statuses(m_router)));
        const std::string limits = limitRules(m_models);
        if (limits != m_limits) {
            TRY(writeFileAtomically(m_files.limitRules(), limits));
            m_limits = limits;
            m_prometheus.signal(SIGHUP);
        }
        return {};
    }

    std::set<pid_t> ownProcesses() const {
        std::set<pid_t> own;
        for (const fleet::Replica& process : {m_truth.facts(), m_prometheus.facts(), m_router.process().facts()})
            own.insert(static_cast<pid_t>(process.processId));
        for (const ReplicaStatus& replica : m_pool.statuses(m_router))
            own.insert(static_cast<pid_t>(replica.facts.processId));
        own.insert(m_weekly.process());
        return own;
    }

    std::vector<RouterModel> routerModels() const {
        std::vector<RouterModel> models;
        for (const DeployedModel& model : m_models)
            models.push_back({model.model, model.path});
        return models;
    }

    Result<void> writeTargets() {
        std::vector<ScrapeTarget> targets = m_pool.scrapeTargets();
        targets.push_back({"truth", m_settings.truthPort});
        if (targets == m_targets)
            return {};
        TRY(writeFileAtomically(m_files.targets(), targetsText(targets)));
        m_targets = std::move(targets);
        return {};
    }

    void publish() {
        LocalStatus status;
        status.startedAt = m_startedAt;
        status.supervisor = ::getpid();
        status.settings = m_settings;
        status.truth = m_truth.facts();
        status.router = m_router.process().facts();
        status.prometheus = m_prometheus.facts();
        status.replicas = m_pool.statuses(m_router);
        status.splits = m_router.splits();
        status.failure = m_failure;
        // The text without its time tells whether anything changed.
        const std::string text = status.toJson().dump();
        const SteadyTime now = m_clock.steadyNow();
        if (text == m_published && now < m_nextHeartbeat)
            return;
        status.writtenAt = m_clock.now();
        if (const auto written = writeFileAtomically(m_files.status(), status.toJson().dump(1)); !written) {
            log::error("supervisor", "{}", written.error().message);
            return;
        }
        m_published = text;
        m_nextHeartbeat = now + kHeartbeat;
    }

    const LocalFiles& m_files;
    LocalStore& m_store;
    const LocalSettings& m_settings;
    const Clock& m_clock;
    SupervisedProcess m_truth;
    SupervisedProcess m_prometheus;
    Router m_router;
    ReplicaPool m_pool;
    MirrorFiles m_mirrors;
    WeeklyEvaluation m_weekly;
    std::vector<DeployedModel> m_models;
    std::vector<ScrapeTarget> m_targets;
    std::string m_limits;
    std::string m_failure;
    std::string m_published;
    SystemTime m_startedAt;
    SteadyTime m_nextWanted{}, m_nextHeartbeat{}, m_nextOrphans{};
};

Result<void> checkPorts(const LocalSettings& settings) {
    for (const auto& [what, port] :
         {std::pair("the models", settings.predictPort), std::pair("the truth store", settings.truthPort),
          std::pair("Prometheus", settings.prometheusPort), std::pair("HAProxy's metrics", settings.routerMetricsPort)}) {
        if (!isPortFree(port)) {
            Error error = fail(ErrorCode::Unavailable, "The port {} of 127.0.0.1, for {}, is taken by another program.",
                               port, what);
            error.where = fmt::format("127.0.0.1:{}", port);
            return error;
        }
    }
    return {};
}

Result<void> writeMonitoring(const LocalFiles& files, const LocalSettings& settings) {
    const MonitoringSchedule schedule{settings.timeFactor};
    TRY(writeFileAtomically(files.rules(), scaledRules(shippedRules(), schedule)));
    TRY(writeFileAtomically(files.limitRules(), limitRules({})));
    TRY(writeFileAtomically(files.targets(), targetsText({})));
    return writeFileAtomically(files.prometheusConfiguration(),
                               prometheusConfiguration(schedule, settings.routerMetricsPort));
}

} // namespace

Result<void> superviseLocalPlatform(const Workspace& workspace, const Programs& programs, const Clock& clock,
                                    pid_t owner, std::stop_token stop) {
    const LocalFiles files(workspace);
    TRY(files.create());
    const FileLock lock = TRY(FileLock::acquire(files.supervisorLock()));
    LocalStore store = TRY(LocalStore::open(workspace));
    const auto settings = TRY(LocalSettings::load(store));
    if (!settings)
        return fail(ErrorCode::InvalidInput, "The local platform has not been set up: perch local up.");
    TRY(checkPorts(*settings));
    TRY(writeMonitoring(files, *settings));
    const OrphanReaper orphans = TRY(OrphanReaper::create());
    Supervisor supervisor(workspace, files, store, *settings, programs, clock);
    while (!stop.stop_requested() && (owner == 0 || processLives(owner))) {
        supervisor.advance(orphans);
        http::pause(kTick, stop);
    }
    supervisor.end();
    return {};
}

} // namespace perch::local
