#include "app/console/drift_measurer.h"
#include "app/console/evaluator.h"
#include "app/console/options.h"
#include "app/console/plan_runner.h"
#include "app/console/platform_feed.h"
#include "app/console/recorded_facts.h"
#include "app/console/screenshots.h"
#include "app/console/start_meter.h"
#include "app/console/trainer.h"
#include "app/console/training_feed.h"
#include "core/base/identity.h"
#include "widgets/drift/drift_page.h"
#include "widgets/evaluate/evaluate_page.h"
#include "widgets/shell/main_window.h"
#include "widgets/support/fonts.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_page.h"

#include <QApplication>
#include <QThreadPool>
#include <QTimer>

#include <cstdio>
#include <cstring>

namespace {

using namespace perch;
using namespace perch::console;

int report(const Error& error) {
    std::fprintf(stderr, "perch-console: %s\n", error.message.c_str());
    return toExitCode(error.code);
}

/// Home is written as ~, as people write it.
std::string shortPath(const std::filesystem::path& path) {
    const char* home = std::getenv("HOME");
    const std::string text = path.string();
    return home != nullptr && *home != '\0' && text.starts_with(std::string(home) + "/") ? "~" + text.substr(std::strlen(home))
                                                                                      : text;
}

void applyOptions(const Options& options) {
    const bool systemIsDark = QApplication::palette().color(QPalette::Window).lightness() < 128;
    const bool dark = options.theme == Options::Look::Dark || (options.theme == Options::Look::System && systemIsDark);
    widgets::setUserScale(options.scale);
    widgets::setTheme(dark ? widgets::kDarkTheme : widgets::kLightTheme);
    widgets::applyLook();
}

void showFirst(widgets::MainWindow& window, const Options& options) {
    window.showPage(options.page);
    if (const Result<ModelName> model = ModelName::parse(options.model))
        window.openModel(*model);
    window.resize(1600, 1000);
    window.show();
}

/// A recorded snapshot: everything is shown, nothing can be written.
int showRecorded(const Options& options) {
    Result<widgets::Facts> facts = readRecordedFacts(options.snapshot);
    if (!facts)
        return report(facts.error());
    ManualClock clock(facts->snapshot->takenAt);
    widgets::MainWindow window(clock, {facts->shell.user, "perch-console"}, widgets::desktopDialogs());
    facts->shell.readOnly = true;
    window.setFacts(*facts);
    Result<present::TrainingFacts> training = readRecordedTrainings(options.snapshot, clock.now());
    if (!training)
        return report(training.error());
    window.setTraining(std::make_shared<const present::TrainingFacts>(*std::move(training)));
    if (options.measureStart)
        new StartMeter(window);
    showFirst(window, options);
    return QApplication::exec();
}

int showLive(const Options& options, const Workspace& workspace, const present::ShellInput& shell,
             const PlatformOpener& open, const Clock& clock) {
    const rollout::Actor actor{shell.user, "perch-console"};
    QThreadPool evaluations;
    evaluations.setMaxThreadCount(1);
    QThreadPool comparisons, trainers, controls;
    comparisons.setMaxThreadCount(1);
    trainers.setMaxThreadCount(1);
    controls.setMaxThreadCount(1);
    widgets::MainWindow window(clock, actor, widgets::desktopDialogs());
    window.setFacts({nullptr, shell, nullptr, {}});
    window.evaluatePage().setEvaluator(makeEvaluator(workspace, clock), &evaluations);
    window.driftPage().setMeasurer(makeDriftMeasurer(workspace, clock), &comparisons);
    PlatformFeed feed(workspace, clock, shell, open);
    PlanRunner runner(open);
    QObject::connect(&feed, &PlatformFeed::arrived, &window, &widgets::MainWindow::setFacts);
    QObject::connect(&window, &widgets::MainWindow::readAgainRequested, &feed, &PlatformFeed::readNow);
    QObject::connect(&window.driftPage(), &widgets::DriftPage::measured, &feed, &PlatformFeed::readNow);
    QObject::connect(&window, &widgets::MainWindow::planRequested, &runner, &PlanRunner::plan);
    QObject::connect(&window, &widgets::MainWindow::planConfirmed, &runner, &PlanRunner::execute);
    QObject::connect(&runner, &PlanRunner::planned, &window, &widgets::MainWindow::showPlan);
    QObject::connect(&runner, &PlanRunner::progressed, &window, &widgets::MainWindow::setProgress);
    QObject::connect(&runner, &PlanRunner::failed, &window, &widgets::MainWindow::showFailure);
    QObject::connect(&runner, &PlanRunner::done, &window, &widgets::MainWindow::showDone);
    // The screen follows a write at once, not at the next second.
    QObject::connect(&runner, &PlanRunner::done, &feed, &PlatformFeed::readNow);
    QObject::connect(&runner, &PlanRunner::failed, &feed, &PlatformFeed::readNow);
    TrainingFeed trainings(workspace, clock);
    QObject::connect(&trainings, &TrainingFeed::arrived, &window, &widgets::MainWindow::setTraining);
    QObject::connect(&window, &widgets::MainWindow::trainingReadAgain, &trainings, &TrainingFeed::readNow);
    QObject::connect(&window, &widgets::MainWindow::readAgainRequested, &trainings, &TrainingFeed::readNow);
    window.trainPage().control().setController(makeTrainingController(workspace), &controls);
    window.trainPage().control().setTrainer(makeTrainer(workspace, clock, shell.user), &trainers);
    if (options.measureStart)
        new StartMeter(window);
    showFirst(window, options);
    // Reading and recovery begin after the first paint: the window is there at once.
    QTimer::singleShot(0, &feed, [&] {
        feed.start();
        trainings.start();
        if (!options.readOnly)
            runner.recover();
    });
    return QApplication::exec();
}

int run(const Options& options) {
    applyOptions(options);
    const bool recorded = !options.snapshot.empty();
    if (recorded && options.screenshots.empty())
        return showRecorded(options);
    std::optional<Workspace> workspace;
    present::ShellInput shell;
    const RealClock clock;
    PlatformOpener open;
    if (!recorded) {
        Result<Workspace> opened = Workspace::open(options.workspace);
        if (!opened)
            return report(opened.error());
        workspace = *std::move(opened);
        shell = {shortPath(workspace->root()), processIdentity(), options.readOnly, ""};
        open = localPlatform(*workspace, clock, shell.user);
    }
    if (!recorded && options.cluster.any()) {
        const auto session = kube::openSession(options.cluster, kube::Program::Terminal::No, clock);
        if (!session)
            return report(session.error());
        shell.context = (*session)->access().context;
        shell.nameSpace = (*session)->access().nameSpace;
        open = clusterPlatform(*session, options.prometheus, *workspace, clock, shell.user);
    }
    if (options.screenshots.empty())
        return showLive(options, *workspace, shell, open, clock);
    Result<widgets::Facts> facts = recorded
                                       ? readRecordedFacts(options.snapshot)
                                       : Result<widgets::Facts>(PlatformFeed::readOnce(*workspace, clock, shell, open));
    if (!facts)
        return report(facts.error());
    Result<present::TrainingFacts> training =
        recorded ? readRecordedTrainings(options.snapshot, facts->snapshot->takenAt)
                 : Result<present::TrainingFacts>(TrainingFeed::readOnce(*workspace, clock));
    if (!training)
        return report(training.error());
    const Result<std::size_t> taken = writeScreenshots(
        *facts, std::make_shared<const present::TrainingFacts>(*std::move(training)), options.screenshots);
    if (!taken)
        return report(taken.error());
    std::printf("%zu pictures in %s\n", *taken, options.screenshots.c_str());
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    // Pictures need no display.
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]).starts_with("--screenshots") && std::getenv("QT_QPA_PLATFORM") == nullptr)
            ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    }
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("perch-console"));
    QApplication::setApplicationVersion(QStringLiteral(PERCH_VERSION));
    try {
        const Result<Options> options = parseOptions(application);
        return options ? run(*options) : report(options.error());
    } catch (const std::exception& error) {
        return report(fail(ErrorCode::Internal, "This is a bug in Perch: {}.", error.what()));
    }
}
