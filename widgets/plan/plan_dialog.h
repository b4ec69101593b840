#pragma once

#include "core/present/plan_screen.h"
#include "widgets/support/dialogs.h"

#include <QDialog>
#include <QPointer>

#include <optional>

class QGridLayout;
class QLineEdit;
class QScrollArea;

namespace perch::widgets {

class Button;
class Chip;
class ConfirmField;
class DimLayer;
class EnvironmentTag;
class GlyphButton;
class HoldToConfirm;
class PlanRowsView;
class RunLabel;
class TrafficBarView;
class WarningBanner;

/// The plan that a person reads before anything is written: traffic before and after, the uncomfortable fact, what
/// changes, the checks, a reason, and one deliberate confirmation. Open it with open(): nothing waits in it.
/// The safe button has the focus and says the outcome; Enter never confirms a write in production. After its time the
/// plan asks to be read again; if it then says something else, the confirmation starts over.
class PlanDialog : public QDialog {
    Q_OBJECT
public:
    explicit PlanDialog(const present::PlanScreen& screen, QWidget* parent = nullptr);
    ~PlanDialog() override;
    void setDialogs(Dialogs dialogs) { m_dialogs = std::move(dialogs); }
    void setValue(const present::PlanScreen& screen); ///< the plan, read again
    void setNow(SystemTime now);                      ///< once a second: the countdown
    /// While it is executed: rows before `done` are ticked; `sentence` says what happens now.
    void setProgress(int done, const QString& sentence);
    /// How it ended, in place of the countdown. The dialog stays until the person closes it.
    void setResult(present::State state, const QString& sentence);

Q_SIGNALS:
    void confirmed(const QString& reason);
    void readAgain();

protected:
    void showEvent(QShowEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;

private:
    enum class Phase { Reading, Executing, Ended };

    QWidget* makeHeader();
    QWidget* makeContent();
    QWidget* makeTraffic();
    QWidget* makeFoot();
    void show(const present::PlanScreen& screen);
    void showChecks();
    void refresh();
    void confirm();
    void savePlan();
    void place();
    bool expired() const;

    present::PlanScreen m_screen;
    Dialogs m_dialogs;
    Phase m_phase = Phase::Reading;
    std::optional<SystemTime> m_now;
    bool m_askedAgain = false;
    QPointer<DimLayer> m_dim;
    RunLabel* m_title;
    EnvironmentTag* m_environment;
    RunLabel* m_place;
    TrafficBarView *m_before, *m_after;
    RunLabel *m_beforeNote, *m_afterNote;
    WarningBanner* m_warning;
    RunLabel *m_changesNote, *m_notTouched, *m_checksNote;
    PlanRowsView* m_rows;
    QWidget* m_checks;
    QGridLayout* m_checkGrid;
    QWidget* m_chips;
    QScrollArea* m_scroll;
    QWidget* m_foot;
    RunLabel* m_confirmLabel;
    QLineEdit* m_reason;
    ConfirmField* m_confirmField;
    RunLabel* m_hint;
    RunLabel* m_validity;
    Button *m_copy, *m_save, *m_keep, *m_confirm;
    GlyphButton* m_close;
    HoldToConfirm* m_hold;
};

} // namespace perch::widgets
