#include "app/console/screenshots.h"

#include "core/rollout/plan.h"
#include "widgets/plan/plan_dialog.h"
#include "widgets/shell/main_window.h"
#include "widgets/support/fonts.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/theme.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>

namespace perch::console {

namespace {

namespace fs = std::filesystem;
using present::Page;

constexpr int kWidth = 1600;
constexpr int kHeight = 1000;

/// One window in one theme that is walked through its states.
class Photographer {
public:
    Photographer(const widgets::Facts& facts, fs::path folder, bool dark, double scale)
        : m_facts(facts), m_folder(std::move(folder)), m_dark(dark), m_clock(momentOf(facts)) {
        widgets::setUserScale(scale);
        widgets::setTheme(dark ? widgets::kDarkTheme : widgets::kLightTheme);
        widgets::applyLook();
        m_window = std::make_unique<widgets::MainWindow>(m_clock, rollout::Actor{facts.shell.user, "perch-console"},
            widgets::Dialogs{});
        m_window->resize(kWidth, kHeight);
        m_window->setFacts(facts);
        m_window->show();
        settle();
    }

    widgets::MainWindow& window() { return *m_window; }

    Result<void> take(const std::string& name) {
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
        if (!picture.save(QString::fromStdString(file.string()), "PNG"))
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
    /// Layouts and deferred deletions; there is no network and no timer to wait for.
    static void settle() {
        for (int i = 0; i < 4; ++i) {
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
            actions = {rollout::Action::Promote, rollout::Action::SetWeight, rollout::Action::Pause, rollout::Action::Abort,
                rollout::Action::RollBack};
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

Result<std::size_t> takeAll(const widgets::Facts& facts, const fs::path& folder, bool dark) {
    Photographer photographer(facts, folder, dark, 1.0);
    TRY(photographer.take("fleet"));
    if (facts.snapshot != nullptr)
        TRY(takeModels(photographer, facts));
    photographer.window().showPage(Page::Audit);
    TRY(photographer.take("audit"));
    for (const auto& [model, evaluation] : facts.evaluations)
        photographer.window().openModel(model);
    photographer.window().showPage(Page::Evaluate);
    TRY(photographer.take("evaluate"));
    return photographer.taken();
}

Result<std::size_t> takeStates(const widgets::Facts& facts, const fs::path& folder, bool dark) {
    std::size_t taken = 0;
    widgets::Facts empty;
    empty.shell = facts.shell;
    if (facts.snapshot != nullptr) {
        fleet::Snapshot nothing = *facts.snapshot;
        nothing.models.clear();
        nothing.environment = "development";
        empty.snapshot = std::make_shared<const fleet::Snapshot>(std::move(nothing));
        Photographer photographer(empty, folder, dark, 1.0);
        TRY(photographer.take("fleet-empty"));
        photographer.window().showPage(Page::Audit);
        TRY(photographer.take("audit-empty"));
        photographer.window().showPage(Page::Evaluate);
        TRY(photographer.take("evaluate-empty"));
        Photographer large(facts, folder, dark, 1.3);
        TRY(large.take("fleet-130"));
        taken += photographer.taken() + large.taken();
    }
    empty.snapshot = nullptr;
    empty.shell.platformProblem = "The local platform of this workspace has never been started.";
    Photographer photographer(empty, folder, dark, 1.0);
    TRY(photographer.take("fleet-no-platform"));
    return taken + photographer.taken();
}

} // namespace

Result<std::size_t> writeScreenshots(const widgets::Facts& facts, const fs::path& folder) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        return fail(ErrorCode::Unavailable, "Cannot create {}: {}.", folder.string(), failed.message());
    std::size_t taken = 0;
    for (const bool dark : {false, true}) {
        taken += TRY(takeAll(facts, folder, dark));
        taken += TRY(takeStates(facts, folder, dark));
    }
    return taken;
}

} // namespace perch::console
