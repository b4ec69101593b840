#include "app/server/model_options.h"
#include "core/base/log.h"
#include "core/serving/truth_server.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <iostream>
#include <sys/prctl.h>
#include <unistd.h>

namespace {

using namespace perch;

struct Arguments {
    // model server
    app::ModelArguments models;
    std::string role = "stable", truthUrl, adminSocket, accessLog, mirror;
    double accessShare = 0.01;
    std::uint16_t metricsPort = 0;
    unsigned threads = 2;
    // truth store
    std::string database;
    double windowDays = 30;
    double maxMegabytes = 1'024;
    double waitingMinutes = 60;
    // both
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    double drainSeconds = 20;
    bool parentDeath = false;
    bool verbose = false;
};

/// TERM and INT are waited for in `main`; every thread started later inherits the mask.
sigset_t blockSignals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

/// Ends with the parent, also with one that died before this was set.
void followParent(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent)
        ::raise(SIGTERM);
}

void printReady(const nlohmann::ordered_json& facts) {
    nlohmann::ordered_json line = {{"ready", true}};
    line.update(facts);
    std::cout << line.dump() << std::endl;
}

void waitForEnd(const sigset_t& signals) {
    int signal = 0;
    sigwait(&signals, &signal);
}

std::chrono::milliseconds drainDeadline(const Arguments& arguments) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(arguments.drainSeconds * 1000));
}

Result<void> serveModel(const Arguments& arguments, const sigset_t& signals) {
    const RealClock clock;
    app::ServedModels models = TRY(app::servedModelsOf(arguments.models));
    serving::ModelServer::Options options{.address = arguments.address,
                                          .port = arguments.port,
                                          .metricsPort = arguments.metricsPort,
                                          .adminSocket = arguments.adminSocket,
                                          .threads = arguments.threads,
                                          .truthUrl = arguments.truthUrl,
                                          .role = arguments.role,
                                          .rules = std::move(models.rules),
                                          .log = std::move(models.log),
                                          .access = {.file = arguments.accessLog, .share = arguments.accessShare},
                                          .mirror = {.file = arguments.mirror},
                                          .lookups = std::move(models.lookups),
                                          .programVersion = PERCH_VERSION};
    const auto server = TRY(serving::ModelServer::start(std::move(options), clock));
    for (const serving::ModelSource& source : models.sources)
        TRY(server->load(source));
    printReady({{"port", server->port()},
                {"metrics_port", server->metricsPort()},
                {"model_version", models.sources.front().version.text()},
                {"pid", ::getpid()}});
    waitForEnd(signals);
    if (!server->drain(drainDeadline(arguments)))
        log::warning("server", "requests were cut after {} s of draining", arguments.drainSeconds);
    return {};
}

Result<void> serveTruth(const Arguments& arguments, const sigset_t& signals) {
    const RealClock clock;
    serving::TruthServer::Options options{
        .address = arguments.address, .port = arguments.port, .programVersion = PERCH_VERSION};
    options.store.window = Seconds(arguments.windowDays * 24 * 3600);
    options.store.byteLimit = static_cast<std::uint64_t>(arguments.maxMegabytes * 1024 * 1024);
    options.store.waiting = Seconds(arguments.waitingMinutes * 60);
    const auto server = TRY(serving::TruthServer::start(arguments.database, std::move(options), clock));
    printReady({{"port", server->port()}, {"pid", ::getpid()}});
    waitForEnd(signals);
    server->drain(drainDeadline(arguments));
    return {};
}

void addCommonOptions(CLI::App& app, Arguments& arguments) {
    app.add_option("--address", arguments.address, "IPv4 address to listen on")->capture_default_str();
    app.add_option("--port", arguments.port, "Port, 0 for a free one")->capture_default_str();
    app.add_option("--drain-seconds", arguments.drainSeconds, "Time to finish requests at the end")
        ->capture_default_str();
    app.add_flag("--parent-death", arguments.parentDeath, "End when the parent process ends");
    app.add_flag("--verbose,-v", arguments.verbose, "Log what happens to stderr");
}

CLI::App* addOptions(CLI::App& app, Arguments& arguments) {
    addCommonOptions(app, arguments);
    app.add_option("--package", arguments.models.packages,
                   "Folder of a model package; several models: repeat it with its version")
        ->allow_extra_args(false);
    app.add_option("--digest", arguments.models.digests, "SHA-256 that the package must have")->allow_extra_args(false);
    app.add_option("--version", arguments.models.versions, "Version to serve it as, such as v7")
        ->allow_extra_args(false);
    app.add_option("--model", arguments.models.models, "Model that the package must be of")->allow_extra_args(false);
    app.add_option("--log-dir", arguments.models.logFolder, "Folder of the prediction log");
    app.add_option(
           "--config", arguments.models.configurations,
           "perch.yaml whose serving.route leads rows to models, whose serving.log says what is kept, and whose "
           "serving.lookup where features are looked up")
        ->allow_extra_args(false);
    app.add_option("--role", arguments.role, "Role of requests without the header X-Perch-Role")->capture_default_str();
    app.add_option("--path", arguments.models.paths, "Further path for predictions, default /predict_<model>")
        ->allow_extra_args(false);
    app.add_option("--metrics-port", arguments.metricsPort, "Port for /metrics and feedback, 0 for a free one");
    app.add_option("--admin-socket", arguments.adminSocket, "Unix socket for administration");
    app.add_option("--truth", arguments.truthUrl, "Address of the truth store, such as http://127.0.0.1:7070");
    app.add_option("--access-log", arguments.accessLog,
                   "File with a JSON line for each sampled request and each error, or - for stdout");
    app.add_option("--access-log-sample", arguments.accessShare, "Share of the requests in the access log")
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--mirror", arguments.mirror,
                   "File that says which share of the requests goes as copies to a shadow version; read on change");
    app.add_option("--engine", arguments.models.engine,
                   "What evaluates the trees: perch, or xgboost for XGBoost's own call")
        ->capture_default_str()
        ->check(CLI::IsMember({"perch", "xgboost"}));
    app.add_option("--threads", arguments.threads, "Worker threads")->capture_default_str()->check(CLI::Range(1, 256));
    CLI::App* truth = app.add_subcommand("truth", "Keep predictions and join them with the truth that comes later");
    addCommonOptions(*truth, arguments);
    truth->add_option("--db", arguments.database, "Database file, created if absent")->required();
    truth->add_option("--window-days", arguments.windowDays, "How long predictions are kept")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    truth->add_option("--max-megabytes", arguments.maxMegabytes, "How large the database may become; the oldest go first")
        ->capture_default_str()
        ->check(CLI::Range(1.0, 1e9));
    truth->add_option("--waiting-minutes", arguments.waitingMinutes, "How long a truth waits for its prediction")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    return truth;
}

int report(const Error& error) {
    std::cerr << "perch-server: " << error.message << '\n';
    for (const std::string& activity : error.trail)
        std::cerr << "  while " << activity << '\n';
    return toExitCode(error.code);
}

} // namespace

int main(int argc, char** argv) {
    const pid_t parent = ::getppid();
    const sigset_t signals = blockSignals();
    Arguments arguments;
    CLI::App app("The model server of Perch, and with \"truth\" its truth store.", "perch-server");
    const CLI::App* truth = addOptions(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (arguments.verbose)
        log::setLevel(log::Level::Info);
    if (arguments.parentDeath)
        followParent(parent);
    try {
        const Result<void> served = truth->parsed() ? serveTruth(arguments, signals) : serveModel(arguments, signals);
        return served ? 0 : report(served.error());
    } catch (const std::exception& error) {
        return report(fail(ErrorCode::Internal, "This is a bug in Perch: {}.", error.what()));
    }
}
