#include "core/platforms/local/local_runtime.h"

#include "core/base/file.h"
#include "core/http/client.h"
#include "core/platforms/local/child_process.h"
#include "core/platforms/local/local_files.h"
#include "core/platforms/local/supervised_process.h"
#include "core/platforms/local/traffic_route.h"
#include "core/registry/embedded_registry.h"

#include <csignal>

namespace perch::local {

namespace {

using namespace std::chrono_literals;

constexpr auto kReplicasDeadline = 60s;
constexpr auto kDownDeadline = 30s;
constexpr auto kReadyPoll = 20ms;
constexpr std::uint16_t kDefaultPort = 8700;

/// Adds or updates a model; what the spec does not say stays.
Result<void> putModel(LocalStore& store, const Workspace& workspace, const ModelName& name, const spec::ModelSpec* spec,
                      const UpOptions& options) {
    if (spec != nullptr && spec->serving.route)
        return fail(ErrorCode::InvalidInput,
                    "{} has the rule serving.route, which the local platform does not carry out; serve it by "
                    "perch-server --config.",
                    name.text());
    DeployedModel model;
    if (const auto present = TRY(store.model(name))) {
        model = *present;
    } else {
        spec::ModelSpec defaults;
        defaults.name = name;
        model.model = name;
        model.path = spec::servingPath(defaults);
        model.weights = defaults.rollout.weights;
    }
    if (spec != nullptr) {
        model.path = spec::servingPath(*spec);
        model.replicas = spec->serving.replicas;
        model.gates = spec->gates;
        model.weights = spec->rollout.weights;
        model.lookup = spec->serving.lookup;
        if (model.lookup && model.lookup->file.empty())
            model.lookup->file = workspace.models() / name.text() / spec::kLookupTableName;
        // The servers have another working directory.
        if (model.lookup)
            model.lookup->file = std::filesystem::absolute(model.lookup->file);
    }
    model.replicas = options.replicas.value_or(model.replicas);
    return store.putModel(model);
}

/// The stable version of a model that has no route yet is its champion.
Result<void> putStable(LocalStore& store, registry::Registry& registry, const TrafficRoute& route,
                       const ModelName& name, Version champion, SystemTime now) {
    const SplitMap splits = TRY(route.wanted());
    const auto split = splits.find(name);
    const Version stable = split == splits.end() ? champion : split->second.stable;
    const auto present = TRY(store.deployment(name, stable));
    const auto model = TRY(store.model(name));
    const bool scaled = present && present->replicas > 0 && present->replicas == model->replicas;
    if (!scaled) {
        const auto record = TRY(registry.version(name, stable));
        Deployment wanted;
        wanted.model = name;
        wanted.version = stable;
        wanted.replicas = model->replicas;
        wanted.digest = record.digest;
        wanted.package = record.package;
        TRY(store.scale(wanted, present ? present->replicas : 0, {stable}, now));
    }
    if (split != splits.end())
        return {};
    const auto deployed = TRY(store.deployment(name, stable));
    TRY(route.write(name, std::nullopt, SplitTarget{deployed->slot, deployed->slot, {}, stable, std::nullopt}));
    return {};
}

/// Why the platform is not ready yet; empty when it is.
std::string waitingFor(const LocalStatus& status, const std::vector<Deployment>& deployments) {
    for (const fleet::Replica* process : {&status.truth, &status.router, &status.prometheus}) {
        if (process->state != fleet::Replica::State::Ready)
            return fmt::format("{} is not ready. {}", process->name, process->reason);
    }
    for (const Deployment& deployment : deployments) {
        std::uint32_t ready = 0;
        std::string reason;
        for (const ReplicaStatus& replica : status.replicas) {
            if (replica.model != deployment.model || replica.version != deployment.version)
                continue;
            if (replica.facts.state == fleet::Replica::State::Ready)
                ++ready;
            else
                reason = " " + replica.facts.reason;
        }
        if (ready < deployment.replicas) {
            return fmt::format("{} of {} replicas of {} {} are ready.{}", ready, deployment.replicas,
                               deployment.model.text(), deployment.version.text(), reason);
        }
    }
    return status.failure;
}

} // namespace

LocalRuntime::LocalRuntime(Workspace workspace, const Clock& clock)
    : m_workspace(std::move(workspace)), m_clock(&clock) {}

Result<LocalRuntime> LocalRuntime::open(const Workspace& workspace, const Clock& clock) {
    return LocalRuntime(workspace, clock);
}

bool LocalRuntime::supervisorRuns() const {
    const auto lock = FileLock::acquire(LocalFiles(m_workspace).supervisorLock());
    return !lock && lock.error().code == ErrorCode::Conflict;
}

Result<void> LocalRuntime::writeSettings(const UpOptions& options) {
    LocalStore store = TRY(LocalStore::open(m_workspace));
    const auto present = TRY(LocalSettings::load(store));
    LocalSettings settings = present.value_or(LocalSettings());
    const bool running = supervisorRuns();
    if (!running) {
        const auto choose = [](std::uint16_t kept) -> Result<std::uint16_t> {
            if (kept != 0 && isPortFree(kept))
                return kept;
            return findFreePort();
        };
        if (options.port)
            settings.predictPort = *options.port;
        else if (!present)
            settings.predictPort = isPortFree(kDefaultPort) ? kDefaultPort : TRY(findFreePort());
        // The other ports are nobody's business but ours: taken ones are replaced.
        settings.truthPort = TRY(choose(settings.truthPort));
        settings.prometheusPort = TRY(choose(settings.prometheusPort));
        settings.routerMetricsPort = TRY(choose(settings.routerMetricsPort));
        settings.timeFactor = options.timeFactor.value_or(settings.timeFactor);
        settings.environment = options.environment.value_or(settings.environment);
        return settings.save(store);
    }
    const bool changes = (options.port && *options.port != settings.predictPort) ||
                         (options.timeFactor && *options.timeFactor != settings.timeFactor);
    if (changes)
        return fail(ErrorCode::Conflict,
                    "The local platform runs already: perch local down, then up with the new port.");
    return {};
}

Result<void> LocalRuntime::writeWantedState(const UpOptions& options) {
    LocalStore store = TRY(LocalStore::open(m_workspace));
    const auto registry = TRY(registry::EmbeddedRegistry::open(m_workspace, *m_clock));
    const TrafficRoute route{LocalFiles(m_workspace)};
    for (const ModelName& name : TRY(registry->models())) {
        const auto aliases = TRY(registry->aliases(name));
        const auto champion = aliases.find(registry::kChampion);
        if (champion == aliases.end())
            continue;
        const auto spec = std::ranges::find(options.specs, name, &spec::ModelSpec::name);
        TRY(putModel(store, m_workspace, name, spec == options.specs.end() ? nullptr : &*spec, options));
        TRY(putStable(store, *registry, route, name, champion->second, m_clock->now()));
    }
    return {};
}

Result<pid_t> LocalRuntime::startSupervisor(const Programs& programs, pid_t owner) {
    const LocalFiles files(m_workspace);
    std::error_code ignored;
    std::filesystem::remove(files.status(), ignored);
    ChildCommand command;
    command.arguments = {programs.perch.string(), "local", "supervise", "--workspace", m_workspace.root().string()};
    if (owner != 0)
        command.arguments.insert(command.arguments.end(), {"--owner", std::to_string(owner)});
    command.folder = files.root;
    command.log = files.log("supervisor");
    return startDetached(command);
}

Result<LocalStatus> LocalRuntime::up(const UpOptions& options, const std::function<void(const std::string&)>& progress,
                                     std::stop_token stop) {
    const Programs programs = TRY(Programs::find());
    TRY(LocalFiles(m_workspace).create());
    TRY(writeSettings(options));
    TRY(writeWantedState(options));
    const pid_t supervisor = supervisorRuns() ? 0 : TRY(startSupervisor(programs, options.owner));
    LocalStore store = TRY(LocalStore::open(m_workspace));
    const SteadyTime begin = m_clock->steadyNow();
    std::string waiting = "The supervisor is starting.";
    std::string told;
    for (;;) {
        if (const auto now = status()) {
            waiting = waitingFor(*now, TRY(store.deployments()));
            if (waiting.empty())
                return *now;
        } else if (!processLives(supervisor) && !supervisorRuns()) {
            const std::string reason = lastLine(LocalFiles(m_workspace).log("supervisor"));
            return fail(ErrorCode::Unavailable, "The supervisor ended{}", reason.empty() ? "." : ": " + reason);
        }
        if (waiting != told && progress)
            progress(told = waiting);
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Starting was cancelled; perch local down stops what runs already.");
        if (m_clock->steadyNow() - begin > kReplicasDeadline)
            return fail(ErrorCode::Timeout, "The local platform is not ready after 60 s: {}", waiting);
        http::pause(kReadyPoll, stop);
    }
}

Result<LocalStatus> LocalRuntime::status() const {
    auto read = LocalStatus::read(LocalFiles(m_workspace).status());
    if (!read && read.error().code != ErrorCode::NotFound)
        return read.error();
    if (!read || !read->alive(m_clock->now()))
        return fail(ErrorCode::NotFound, "The local platform does not run: perch local up.");
    return read;
}

Result<bool> LocalRuntime::down(std::stop_token stop) {
    const LocalFiles files(m_workspace);
    if (!supervisorRuns()) {
        std::error_code ignored;
        std::filesystem::remove(files.status(), ignored);
        return false;
    }
    // The lock is held, so the process in the status is the supervisor's.
    const SteadyTime begin = m_clock->steadyNow();
    bool told = false;
    while (supervisorRuns()) {
        if (!told) {
            if (const auto status = LocalStatus::read(files.status())) {
                ::kill(static_cast<pid_t>(status->supervisor), SIGTERM);
                told = true;
            }
        }
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "Waiting for the end of the local platform was cancelled.");
        if (m_clock->steadyNow() - begin > kDownDeadline)
            return fail(ErrorCode::Timeout, "The supervisor did not end within 30 s.");
        http::pause(kReadyPoll, stop);
    }
    return true;
}

} // namespace perch::local
