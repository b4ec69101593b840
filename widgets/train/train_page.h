#pragma once

#include "core/present/train_screen.h"
#include "widgets/support/dialogs.h"
#include "widgets/train/training_run_control.h"

#include <QWidget>

class QStackedWidget;

namespace perch::widgets {

class BestCard;
class Button;
class Card;
class Chip;
class CurveChart;
class DatasetView;
class EmptyLine;
class MachineCard;
class ParameterForm;
class ProgressCard;
class RunLabel;
class RunLogView;
class RunsTable;
class Segments;
class StepsCard;

/// The Train screen: shows a present::TrainScreen. What a person chooses (run, metric, edits of the form) is kept here
/// and asks for a new value by `changed`; trainings run in the background through TrainingRunControl.
class TrainPage : public QWidget {
    Q_OBJECT
public:
    explicit TrainPage(QWidget* parent = nullptr);
    void setValue(const present::TrainScreen& screen);
    void setDialogs(const Dialogs& dialogs) { m_dialogs = dialogs; }
    const present::TrainChoice& choice() const { return m_choice; }
    /// The file to train on, as if it had been chosen.
    void setData(const std::string& file);
    /// Another model: nothing of what was chosen fits it.
    void resetChoice();
    TrainingRunControl& control() { return m_control; }
    const TrainingRunControl& control() const { return m_control; }

public Q_SLOTS:
    void start();
    void pauseOrGoOn();
    void stopAndKeepBest();

Q_SIGNALS:
    void changed();                         ///< something was chosen: make the value anew
    void readAgain();                       ///< something was started or asked for: look into the folders
    void said(const QString& sentence, perch::present::Tone tone);

private:
    QWidget* makeHeader();
    QWidget* makeLeft();
    QWidget* makeMiddle();
    QWidget* makeRight();
    Card* makeCurveCard(QWidget* parent);
    Card* makeRecordCard(QWidget* parent);
    void chooseData();
    void toggleCompared(const QString& run);

    TrainingRunControl m_control;
    Dialogs m_dialogs;
    present::TrainChoice m_choice;
    present::TrainScreen m_screen;
    RunLabel *m_title, *m_note, *m_message;
    Chip* m_chip;
    Button *m_copy, *m_start, *m_change;
    Card* m_datasetCard;
    DatasetView* m_dataset;
    ParameterForm* m_parameters;
    EmptyLine* m_empty;
    QWidget* m_run;
    ProgressCard* m_progress;
    Card* m_curveCard;
    CurveChart* m_curve;
    Segments* m_metrics;
    Segments* m_record;
    QStackedWidget* m_records;
    RunLogView* m_log;
    RunsTable* m_runs;
    MachineCard* m_machine;
    BestCard* m_best;
    StepsCard* m_steps;
};

} // namespace perch::widgets
