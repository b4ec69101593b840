#pragma once

#include "core/present/evaluate_screen.h"
#include "widgets/evaluate/evaluation_request.h"
#include "widgets/support/background_run.h"
#include "widgets/support/model_choices.h"

#include <QWidget>

#include <array>

namespace perch::widgets {

class BarListChart;
class Button;
class Card;
class Chip;
class ClassesCard;
class ClassMatrix;
class ConfusionView;
class CurveChart;
class EmptyLine;
class FairnessView;
class MetricsCard;
class Picker;
class RunLabel;
class SlicesCard;

/// The Evaluate screen: one offline evaluation of a candidate against a baseline on the same rows. Shows a
/// present::EvaluateScreen; a moved threshold and a new evaluation are raised as signals and come back as a new value.
class EvaluatePage : public QWidget {
    Q_OBJECT
public:
    explicit EvaluatePage(QWidget* parent = nullptr);
    void setValue(const present::EvaluateScreen& screen);
    void setChoices(const ModelChoices& choices);
    /// Without an evaluator the pickers only say what is shown.
    void setEvaluator(Evaluator evaluator, QThreadPool* pool);

Q_SIGNALS:
    void thresholdMoved(double threshold);
    void exportRequested(); ///< the report of what is shown
    void evaluated(std::shared_ptr<const perch::evaluate::Evaluation> evaluation);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeHeader();
    QWidget* makeCurves();
    void showPictures(const present::EvaluateScreen& screen);
    QWidget* makeDetails();
    bool canEvaluate() const { return static_cast<bool>(m_evaluator); }
    void startEvaluation();
    void refreshRun();
    EvaluationRequest wanted() const;
    void say(const QString& sentence, present::Tone tone);

    BackgroundRun m_run;
    Evaluator m_evaluator;
    ModelChoices m_choices;
    EvaluationRequest m_shown;
    RunLabel* m_title;
    Picker *m_candidate, *m_baseline, *m_data;
    RunLabel* m_dataNote;
    Button *m_evaluate, *m_cancel, *m_export;
    Chip* m_verdict;
    RunLabel* m_message;
    EmptyLine* m_empty;
    QWidget* m_content;
    std::array<Card*, 4> m_curveCards{};
    std::array<CurveChart*, 4> m_curves{};
    ConfusionView* m_confusion; ///< binary
    ClassesCard* m_classes;     ///< several classes: where the first curves stand, and the matrix
    Card* m_matrixCard;
    ClassMatrix* m_matrix;
    MetricsCard* m_metrics;
    Card* m_importanceCard;
    BarListChart* m_importance;
    SlicesCard* m_slices;
    Card* m_fairnessCard;
    FairnessView* m_fairness;
};

} // namespace perch::widgets
