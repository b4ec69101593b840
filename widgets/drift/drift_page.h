#pragma once

#include "core/present/drift_screen.h"
#include "widgets/drift/drift_request.h"
#include "widgets/support/background_run.h"
#include "widgets/support/dialogs.h"
#include "widgets/support/model_choices.h"

#include <QWidget>

namespace perch::widgets {

class Button;
class Card;
class Chip;
class EmptyLine;
class EstimateCard;
class FigureRow;
class HeatStripChart;
class HistogramChart;
class MeaningCard;
class Picker;
class RampLegend;
class RankedCard;
class RunLabel;
class Segments;

/// The Drift screen: the live drift of the versions that are served, and the last comparison of two tables. What a
/// person chooses (column, order) is kept here and asks for a new value by `changed`; tables are compared in the
/// background.
class DriftPage : public QWidget {
    Q_OBJECT
public:
    explicit DriftPage(QWidget* parent = nullptr);
    void setValue(const present::DriftScreen& screen);
    void setChoices(const ModelChoices& choices);
    /// Without a measurer the pickers only say what is shown.
    void setMeasurer(DriftMeasurer measurer, QThreadPool* pool);
    void setDialogs(const Dialogs& dialogs) { m_dialogs = dialogs; }
    const std::string& selected() const { return m_selected; } ///< column
    present::DriftOrder order() const { return m_order; }
    telemetry::DriftRange range() const;
    bool canMeasure() const { return m_measurer && !m_choices.versions.empty(); }

Q_SIGNALS:
    void changed();
    void measured(std::shared_ptr<const perch::drift::DriftRecord> record);
    void trainRequested(const QString& data); ///< on the table that was compared

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeRequest();
    QWidget* makeTop();
    QWidget* makeBottom();
    Picker* makePicker(const Text& caption, const char* name, QWidget* parent);
    void connectRun();
    void startComparison();
    void chooseFile(Picker* picker, const QString& choice);
    void select(const QString& feature);
    void refreshRun();
    DriftRequest wanted() const;
    void say(const QString& sentence, present::Tone tone);

    BackgroundRun m_run;
    DriftMeasurer m_measurer;
    Dialogs m_dialogs;
    ModelChoices m_choices;
    DriftRequest m_shown;
    present::DriftScreen m_screen;
    bool m_adopts = true; ///< the next value fills the pickers: nothing was chosen for this model
    std::string m_selected;
    present::DriftOrder m_order = present::DriftOrder::Effect;
    RunLabel* m_title;
    Chip* m_verdict;
    FigureRow* m_figures;
    Button* m_train;
    QWidget* m_request;
    Picker *m_version, *m_reference, *m_current;
    Segments* m_preset;
    Segments* m_range;
    Button *m_measure, *m_cancel;
    RunLabel *m_note, *m_message;
    EmptyLine* m_empty;
    QWidget *m_top, *m_bottom;
    Card *m_stripCard, *m_histogramCard;
    HeatStripChart* m_strip;
    RampLegend* m_legend;
    HistogramChart* m_histogram;
    RunLabel* m_remark;
    FigureRow* m_histogramFigures;
    RankedCard* m_ranked;
    MeaningCard* m_meaning;
    EstimateCard* m_estimate;
};

} // namespace perch::widgets
