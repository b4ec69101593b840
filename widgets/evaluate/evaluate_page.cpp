#include "widgets/evaluate/evaluate_page.h"

#include "core/base/number_format.h"
#include "widgets/charts/bar_list.h"
#include "widgets/charts/curve_chart.h"
#include "widgets/evaluate/class_matrix.h"
#include "widgets/evaluate/classes_card.h"
#include "widgets/evaluate/confusion_card.h"
#include "widgets/evaluate/fairness_view.h"
#include "widgets/evaluate/metrics_card.h"
#include "widgets/evaluate/picker.h"
#include "widgets/evaluate/slices_card.h"
#include "widgets/model/empty_line.h"
#include "widgets/support/button.h"
#include "widgets/support/chip.h"
#include "widgets/support/run_label.h"

#include <QKeyEvent>
#include <QShortcut>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr int kNarrowestEvaluate = 1'080;

} // namespace

EvaluatePage::EvaluatePage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("evaluatePage"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16), px(16), px(16), px(16));
    column->setSpacing(px(16));
    column->addWidget(makeHeader());
    m_message = new RunLabel(this);
    m_message->setWrapping(true);
    m_message->hide();
    column->addWidget(m_message);
    m_empty = new EmptyLine(this);
    m_empty->layout()->setContentsMargins(0, px(8), 0, 0);
    column->addWidget(m_empty, 1);
    m_content = new QWidget(this);
    auto* rows = new QVBoxLayout(m_content);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(px(16));
    rows->addWidget(makeCurves(), 4);
    rows->addWidget(makeDetails(), 5);
    column->addWidget(m_content, 1);
    m_content->hide();
    for (const auto& [key, by] : {std::pair{Qt::Key_BracketLeft, -0.01}, std::pair{Qt::Key_BracketRight, 0.01}}) {
        auto* shortcut = new QShortcut(QKeySequence(key), this);
        connect(shortcut, &QShortcut::activated, this, [this, step = by] {
            if (m_confusion->isVisible())
                m_confusion->step(step);
        });
    }
    connect(&m_run, &BackgroundRun::progressed, this, [this](const QString& sentence) {
        say(sentence, present::Tone::Accent);
        refreshRun();
    });
    connect(&m_run, &BackgroundRun::failed, this, [this](const QString& sentence) {
        say(sentence, present::Tone::Fail);
        refreshRun();
    });
    setMinimumWidth(px(kNarrowestEvaluate));
}

QWidget* EvaluatePage::makeHeader() {
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    m_title = new RunLabel(header);
    m_title->setSize(Size::PageTitle);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_candidate = new Picker(PERCH_TEXT("Evaluate", "Candidate"), present::Tone::Canary, header);
    m_candidate->setObjectName(QStringLiteral("candidatePicker"));
    m_baseline = new Picker(PERCH_TEXT("Evaluate", "Baseline"), present::Tone::Stable, header);
    m_baseline->setObjectName(QStringLiteral("baselinePicker"));
    m_data = new Picker(PERCH_TEXT("Evaluate", "Data"), {}, header);
    m_data->setObjectName(QStringLiteral("dataPicker"));
    for (const Picker* picker : {m_candidate, m_baseline, m_data})
        connect(picker, &Picker::chosen, this, &EvaluatePage::refreshRun);
    const auto button = [&](const char* name, const Text& label, const char* glyph) {
        auto* made = new Button(header);
        made->setObjectName(QString::fromLatin1(name));
        made->setLabel(label);
        made->setGlyph(QString::fromLatin1(glyph));
        return made;
    };
    m_evaluate = button("evaluateButton", PERCH_TEXT("Evaluate", "Evaluate"), "evaluate");
    m_evaluate->setKind(Button::Kind::Primary);
    m_cancel = button("cancelEvaluationButton", PERCH_TEXT("Evaluate", "Stop evaluating"), "");
    m_export = button("exportReportButton", PERCH_TEXT("Evaluate", "Export report…"), "export");
    connect(m_evaluate, &Button::clicked, this, [this] { startEvaluation(); });
    connect(m_cancel, &Button::clicked, this, [this] { m_run.cancel(tr("Evaluation cancelled.")); });
    connect(m_export, &Button::clicked, this, &EvaluatePage::exportRequested);
    m_dataNote = new RunLabel(header);
    m_dataNote->setTone(present::Tone::Muted);
    m_verdict = new Chip(header);
    row->addWidget(m_title);
    row->addSpacing(px(8));
    for (QWidget* widget : std::initializer_list<QWidget*>{m_candidate, m_baseline, m_data, m_evaluate, m_cancel})
        row->addWidget(widget);
    row->addSpacing(px(4));
    row->addWidget(m_dataNote, 1);
    row->addWidget(m_export);
    row->addWidget(m_verdict);
    return header;
}

QWidget* EvaluatePage::makeCurves() {
    auto* holder = new QWidget(m_content);
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(16));
    m_classes = new ClassesCard(holder);
    row->addWidget(m_classes, 14);
    constexpr std::array kNames{"firstCurve", "secondCurve", "thirdCurve", "fourthCurve"};
    for (std::size_t index = 0; index < kNames.size(); ++index) {
        m_curveCards[index] = new Card(holder);
        m_curves[index] = new CurveChart(m_curveCards[index]);
        m_curves[index]->setObjectName(QString::fromLatin1(kNames[index]));
        m_curveCards[index]->body()->setContentsMargins(px(16), 0, px(16), px(12));
        m_curveCards[index]->body()->addWidget(m_curves[index]);
        row->addWidget(m_curveCards[index], 7);
    }
    m_confusion = new ConfusionView(holder);
    connect(m_confusion, &ConfusionView::thresholdMoved, this, &EvaluatePage::thresholdMoved);
    row->addWidget(m_confusion, 8);
    m_matrixCard = new Card(holder);
    m_matrix = new ClassMatrix(m_matrixCard);
    m_matrix->setObjectName(QStringLiteral("classMatrix"));
    m_matrixCard->body()->addWidget(m_matrix);
    row->addWidget(m_matrixCard, 9);
    return holder;
}

QWidget* EvaluatePage::makeDetails() {
    auto* holder = new QWidget(m_content);
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(16));
    m_metrics = new MetricsCard(holder);
    m_importanceCard = new Card(holder);
    m_importance = new BarListChart(m_importanceCard);
    m_importance->setObjectName(QStringLiteral("importanceChart"));
    m_importanceCard->body()->addWidget(m_importance);
    auto* right = new QVBoxLayout;
    right->setSpacing(px(16));
    m_slices = new SlicesCard(holder);
    m_fairnessCard = new Card(holder);
    m_fairnessCard->setTitle(PERCH_TEXT("Evaluate", "Fairness"));
    m_fairness = new FairnessView(m_fairnessCard);
    m_fairness->setObjectName(QStringLiteral("fairnessChart"));
    m_fairness->setAccessibleName(tr("Fairness"));
    m_fairnessCard->body()->addWidget(m_fairness);
    m_fairnessCard->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    right->addWidget(m_slices, 1);
    right->addWidget(m_fairnessCard);
    row->addWidget(m_metrics, 52);
    row->addWidget(m_importanceCard, 29);
    row->addLayout(right, 35);
    return holder;
}

void EvaluatePage::setValue(const present::EvaluateScreen& screen) {
    m_title->setText(screen.title);
    m_shown.candidate = toQString(screen.candidate).toStdString();
    m_shown.baseline = toQString(screen.baseline).toStdString();
    m_shown.data = toQString(screen.data).toStdString();
    // A choice that waits to be evaluated stays while other values arrive.
    if (m_candidate->current().isEmpty() || !canEvaluate()) {
        m_candidate->setCurrent(toQString(screen.candidate));
        m_baseline->setCurrent(toQString(screen.baseline));
        m_data->setCurrent(toQString(screen.data));
    }
    m_dataNote->setText(screen.dataNote);
    m_empty->setState(screen.empty);
    m_empty->setVisible(screen.empty.shown);
    m_content->setVisible(!screen.empty.shown);
    m_verdict->setValue(screen.verdict);
    m_verdict->setVisible(!screen.empty.shown);
    m_export->setVisible(!screen.empty.shown);
    if (!screen.empty.shown) {
        showPictures(screen);
        m_metrics->setScreen(screen);
        m_importanceCard->setTitle(screen.importanceTitle);
        m_importanceCard->setRightNote(screen.importanceNote);
        m_importance->setRows(screen.importance,
                              PERCH_TEXT("Evaluate", "The package says nothing about its features."));
        m_slices->setScreen(screen);
        m_fairnessCard->setNote(screen.fairness.note);
        m_fairnessCard->setRightNote(screen.fairness.gap);
        m_fairness->setCard(screen.fairness);
    }
    refreshRun();
}

void EvaluatePage::showPictures(const present::EvaluateScreen& screen) {
    for (std::size_t index = 0; index < m_curves.size(); ++index) {
        m_curveCards[index]->setVisible(index < screen.curves.size());
        if (index >= screen.curves.size())
            continue;
        m_curveCards[index]->setTitle(screen.curves[index].title);
        m_curveCards[index]->setRightNote(screen.curves[index].note);
        m_curves[index]->setCard(screen.curves[index]);
    }
    m_confusion->setVisible(screen.confusion.has_value());
    if (screen.confusion)
        m_confusion->setCard(*screen.confusion);
    m_classes->setVisible(screen.classes.has_value());
    m_matrixCard->setVisible(screen.classes.has_value());
    if (screen.classes) {
        m_classes->setCards(*screen.classes);
        m_matrixCard->setTitle(screen.classes->matrixTitle);
        m_matrixCard->setRightNote(screen.classes->matrixNote);
        m_matrix->setCards(*screen.classes);
    }
}

void EvaluatePage::setChoices(const ModelChoices& choices) {
    if (choices == m_choices)
        return;
    if (choices.model != m_choices.model) {
        m_run.cancel(tr("Evaluation cancelled."));
        m_message->hide();
        // A choice that waited was one of the model before.
        m_candidate->setCurrent(QString::fromStdString(m_shown.candidate));
        m_baseline->setCurrent(QString::fromStdString(m_shown.baseline));
        m_data->setCurrent(QString::fromStdString(m_shown.data));
    }
    m_choices = choices;
    refreshRun();
}

void EvaluatePage::setEvaluator(Evaluator evaluator, QThreadPool* pool) {
    m_evaluator = std::move(evaluator);
    m_run.setPool(pool);
    refreshRun();
}

void EvaluatePage::startEvaluation() {
    const EvaluationRequest request = wanted();
    m_run.start<evaluate::Evaluation>(
        [evaluator = m_evaluator, request](std::stop_token stop) { return evaluator(request, std::move(stop)); },
        [this](const std::shared_ptr<const evaluate::Evaluation>& evaluation) {
            m_shown = wanted();
            m_message->hide();
            refreshRun();
            Q_EMIT evaluated(evaluation);
        },
        [request](Seconds age) {
            const QString what = QString::fromStdString(request.candidate),
                          time = QString::fromStdString(formatAge(age));
            const QString against = QString::fromStdString(request.baseline);
            return against.isEmpty() ? tr("Evaluating %1, %2").arg(what, time)
                                     : tr("Evaluating %1 against %2, %3").arg(what, against, time);
        });
}

EvaluationRequest EvaluatePage::wanted() const {
    const QString none = tr("none");
    const QString baseline = m_baseline->current();
    return {m_choices.model, m_candidate->current().toStdString(),
            baseline == none ? std::string() : baseline.toStdString(), m_data->current().toStdString()};
}

void EvaluatePage::refreshRun() {
    const bool choosable = canEvaluate() && !m_choices.versions.empty();
    const QStringList versions = choosable ? toQStringList(m_choices.versions) : QStringList();
    m_candidate->setChoices(versions);
    m_baseline->setChoices(choosable ? versions + QStringList(tr("none")) : QStringList());
    m_data->setChoices(choosable ? toQStringList(m_choices.data) : QStringList());
    if (choosable && m_candidate->current().isEmpty())
        m_candidate->setCurrent(versions.front());
    if (choosable && m_data->current().isEmpty() && !m_choices.data.empty())
        m_data->setCurrent(QString::fromStdString(m_choices.data.front()));
    m_candidate->setVisible(!m_candidate->current().isEmpty());
    m_baseline->setVisible(!m_baseline->current().isEmpty() || choosable);
    m_data->setVisible(!m_data->current().isEmpty());
    const EvaluationRequest now = wanted();
    const bool other =
        now.candidate != m_shown.candidate || now.baseline != m_shown.baseline || now.data != m_shown.data;
    m_evaluate->setVisible(choosable && other && !m_run.running());
    m_evaluate->setEnabled(!now.candidate.empty() && !now.data.empty());
    m_cancel->setVisible(m_run.running());
    for (Picker* picker : {m_candidate, m_baseline, m_data})
        picker->setEnabled(!m_run.running());
}

void EvaluatePage::say(const QString& sentence, present::Tone tone) {
    m_message->setTone(tone);
    m_message->setText(verbatim(sentence.toStdString()));
    m_message->show();
}

void EvaluatePage::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_T)
        toggleTables(this);
    else
        QWidget::keyPressEvent(event);
}

} // namespace perch::widgets
