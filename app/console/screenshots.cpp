#include "app/console/screenshots.h"

#include "core/rollout/plan.h"
#include "widgets/drift/drift_page.h"
#include "widgets/plan/plan_dialog.h"
#include "widgets/shell/main_window.h"
#include "widgets/support/fonts.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_page.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>
#include <QThreadPool>

#include <set>

namespace perch::console {

namespace {

namespace fs = std::filesystem;
using present::Page;

constexpr int kWidth = 1600;
constexpr int kHeight = 1000;
constexpr int kQuality = 80; ///< of PNG: how little effort goes into packing

/// One window that is walked through its states; the theme changes under it, so that it is built once.
class Photographer {
public:
    Photographer(const widgets::Facts& facts, fs::path folder, double scale)
        : m_facts(facts), m_folder(std::move(folder)), m_clock(momentOf(facts)) {
        widgets::setUserScale(scale);
        setDark(false);
        m_window = std::make_unique<widgets::MainWindow>(m_clock, rollout::Actor{facts.shell.user, "perch-console"},
                                                         widgets::Dialogs{});
        // There are engines, as in the live window; nobody presses their buttons.
        m_window->trainPage().control().setTrainer(
            [](const widgets::TrainingOrder&, std::stop_token) -> Result<std::string> {
                return fail(ErrorCode::Unavailable, "Pictures train nothing.");
            },
            QThreadPool::globalInstance());
        m_window->driftPage().setMeasurer(
            [](const widgets::DriftRequest&, const widgets::DriftProgress&, std::stop_token)
                -> Result<drift::DriftRecord> { return fail(ErrorCode::Unavailable, "Pictures compare nothing."); },
            QThreadPool::globalInstance());
        m_window->resize(kWidth, kHeight);
        m_window->setFacts(facts);
        m_window->show();
    }

    void setDark(bool dark) {
        m_dark = dark;
        if (m_window != nullptr) {
            m_window->setDarkTheme(dark);
        } else {
            widgets::setTheme(dark ? widgets::kDarkTheme : widgets::kLightTheme);
            widgets::applyLook();
        }
    }

    widgets::MainWindow& window() { return *m_window; }

    Result<void> take(const std::string& name) {
        if (!hasDialog())
            forgetScrollBars();
        settle();
        QPixmap picture = m_window->grab();
        // A dialog is a window of its own: it is laid over its parent where it stands.
        for (QDialog* dialog : m_window->findChildren<QDialog*>()) {
            if (dialog->isVisible()) {
                QPainter painter(&picture);
                painter.drawPixmap(dialog->mapToGlobal(QPoint()) - m_window->mapToGlobal(QPoint()), dialog->grab());
            }
        }
        const fs::path file = m_folder / (name + (m_dark ? "-dark.png" : "-light.png"));
        if (!picture.save(QString::fromStdString(file.string()), "PNG", kQuality))
            return fail(ErrorCode::Unavailable, "Cannot write {}.", file.string());
        ++m_taken;
        return {};
    }

    Result<void> takePlan(const std::string& name, const rollout::Intent& intent) {
        const Result<rollout::Plan> plan = rollout::makePlan(*m_facts.snapshot, intent, m_facts.snapshot->takenAt);
        if (!plan)
            return {}; // the intent makes no sense now: its button is off, and the Model screen shows that
        m_window->openModel(intent.model);
        m_window->showPlan(*plan);
        TRY(take(name));
        for (QDialog* dialog : m_window->findChildren<QDialog*>())
            delete dialog;
        return {};
    }

    std::size_t taken() const { return m_taken; }

private:
    static SystemTime momentOf(const widgets::Facts& facts) {
        return facts.snapshot != nullptr ? facts.snapshot->takenAt : SystemTime{};
    }
    bool hasDialog() const {
        return std::ranges::any_of(m_window->findChildren<QDialog*>(),
                                   [](const QDialog* dialog) { return dialog->isVisible(); });
    }

    /// A scroll bar makes a page narrower and so, where texts wrap, higher: one that a page before needed may stay
    /// where none is needed. In a high window none is.
    void forgetScrollBars() {
        m_window->resize(kWidth, 2 * kHeight);
        settle();
        m_window->resize(kWidth, kHeight);
    }

    /// Layouts and deferred deletions; there is no network and no timer to wait for. A layout may ask for another one.
    static void settle() {
        for (int i = 0; i < 5; ++i) {
            QCoreApplication::sendPostedEvents();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
            QCoreApplication::processEvents(QEventLoop::ExcludeUserInputEvents);
        }
    }

    widgets::Facts m_facts;
    fs::path m_folder;
    bool m_dark;
    ManualClock m_clock;
    std::unique_ptr<widgets::MainWindow> m_window;
    std::size_t m_taken = 0;
};

Result<void> takeModels(Photographer& photographer, const widgets::Facts& facts) {
    bool first = true;
    for (const fleet::ModelFacts& model : facts.snapshot->models) {
        const std::string name = model.model.text();
        photographer.window().openModel(model.model);
        TRY(photographer.take("model-" + name));
        // All kinds of plans for the first rollout whose decision waits; for the others only the way back.
        std::vector<rollout::Action> actions{rollout::Action::RollBack};
        if (first && model.phase == fleet::Phase::Stepping) {
            first = false;
            actions = {rollout::Action::Promote, rollout::Action::SetWeight, rollout::Action::Pause,
                       rollout::Action::Abort, rollout::Action::RollBack};
        }
        for (const rollout::Action action : actions) {
            rollout::Intent intent{action, model.model};
            intent.weight = Percent::fromBasisPoints(2'000);
            intent.actor = {facts.shell.user, "perch-console"};
            TRY(photographer.takePlan("plan-" + std::string(toString(action)) + "-" + name, intent));
        }
    }
    return {};
}

/// One picture per state of a run, of the newest run in it; the one under way is the screen's own.
Result<void> takeTrainings(Photographer& photographer, const present::TrainingFacts& training) {
    photographer.window().showPage(Page::Train);
    std::set<model::RunState> taken;
    for (const auto& run : training.runs) {
        if (!taken.insert(run->state).second)
            continue;
        present::TrainingFacts only = training;
        // Runs that were not there yet when this one was the newest.
        std::erase_if(only.runs, [&](const auto& other) { return other->started > run->started; });
        photographer.window().openModel(run->model);
        photographer.window().setTraining(std::make_shared<const present::TrainingFacts>(std::move(only)));
        TRY(photographer.take("train-" + std::string(toString(run->state))));
    }
    present::TrainingFacts none = training;
    none.runs.clear();
    photographer.window().setTraining(std::make_shared<const present::TrainingFacts>(std::move(none)));
    return photographer.take("train-empty");
}

/// A model with a comparison, and a model that only has live drift.
Result<void> takeDrifts(Photographer& photographer, const widgets::Facts& facts) {
    photographer.window().showPage(Page::Drift);
    for (const auto& [model, record] : facts.drifts) {
        photographer.window().openModel(model);
        TRY(photographer.take("drift"));
    }
    if (facts.snapshot == nullptr)
        return {};
    for (const fleet::ModelFacts& model : facts.snapshot->models) {
        if (facts.drifts.contains(model.model))
            continue;
        photographer.window().openModel(model.model);
        return photographer.take("drift-live");
    }
    return {};
}

const char* evaluationPicture(model::Task task) {
    switch (task) {
    case model::Task::Binary:
        break;
    case model::Task::MultiClass:
        return "evaluate-classes";
    case model::Task::Regression:
        return "evaluate-regression";
    }
    return "evaluate";
}

Result<void> takeAll(Photographer& photographer, const widgets::Facts& facts, const present::TrainingFacts& training) {
    photographer.window().showPage(Page::Fleet);
    TRY(photographer.take("fleet"));
    if (facts.snapshot != nullptr)
        TRY(takeModels(photographer, facts));
    photographer.window().showPage(Page::Audit);
    TRY(photographer.take("audit"));
    for (const auto& [model, evaluation] : facts.evaluations) {
        photographer.window().openModel(model);
        photographer.window().showPage(Page::Evaluate);
        TRY(photographer.take(evaluationPicture(evaluation->task)));
    }
    TRY(takeDrifts(photographer, facts));
    return takeTrainings(photographer, training);
}

Result<void> takeEmpty(Photographer& photographer) {
    photographer.window().showPage(Page::Fleet);
    TRY(photographer.take("fleet-empty"));
    photographer.window().showPage(Page::Audit);
    TRY(photographer.take("audit-empty"));
    photographer.window().showPage(Page::Evaluate);
    TRY(photographer.take("evaluate-empty"));
    photographer.window().showPage(Page::Drift);
    return photographer.take("drift-empty");
}

/// Runs `take` in both themes.
template <typename Take>
Result<std::size_t> inBothThemes(const widgets::Facts& facts, const fs::path& folder, double scale, Take take) {
    Photographer photographer(facts, folder, scale);
    for (const bool dark : {false, true}) {
        photographer.setDark(dark);
        TRY(take(photographer));
    }
    return photographer.taken();
}

Result<std::size_t> takeStates(const widgets::Facts& facts, const fs::path& folder) {
    std::size_t taken = 0;
    widgets::Facts empty;
    empty.shell = facts.shell;
    if (facts.snapshot != nullptr) {
        fleet::Snapshot nothing = *facts.snapshot;
        nothing.models.clear();
        nothing.environment = "development";
        empty.snapshot = std::make_shared<const fleet::Snapshot>(std::move(nothing));
        taken += TRY(inBothThemes(empty, folder, 1.0, takeEmpty));
        taken += TRY(inBothThemes(facts, folder, 1.3, [](Photographer& large) { return large.take("fleet-130"); }));
    }
    empty.snapshot = nullptr;
    empty.shell.platformProblem = "The local platform of this workspace has never been started.";
    taken += TRY(inBothThemes(empty, folder, 1.0,
                              [](Photographer& photographer) { return photographer.take("fleet-no-platform"); }));
    return taken;
}

} // namespace

Result<std::size_t> writeScreenshots(const widgets::Facts& facts,
                                     const std::shared_ptr<const present::TrainingFacts>& training,
                                     const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        return fail(ErrorCode::Unavailable, "Cannot create {}: {}.", folder.string(), failed.message());
    std::size_t taken = TRY(inBothThemes(
        facts, folder, 1.0, [&](Photographer& photographer) { return takeAll(photographer, facts, *training); }));
    taken += TRY(takeStates(facts, folder));
    return taken;
}

} // namespace perch::console
