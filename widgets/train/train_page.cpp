#include "widgets/train/train_page.h"

#include "widgets/charts/curve_chart.h"
#include "widgets/model/empty_line.h"
#include "widgets/support/card.h"
#include "widgets/support/chip.h"
#include "widgets/support/run_label.h"
#include "widgets/train/dataset_view.h"
#include "widgets/train/parameter_form.h"
#include "widgets/train/progress_card.h"
#include "widgets/train/run_log_view.h"
#include "widgets/train/runs_table.h"
#include "widgets/train/side_cards.h"
#include "widgets/train/train_parts.h"

#include <QApplication>
#include <QClipboard>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace perch::widgets {

namespace {

constexpr double kLeft = 344, kRight = 328, kNarrowestTrain = 1'100, kRecord = 210; ///< pixels at 100 %
constexpr std::size_t kMostCompared = 2;

QVBoxLayout* columnOf(QWidget* holder) {
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(16));
    return column;
}

} // namespace

TrainPage::TrainPage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("trainPage"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16), px(16), px(16), px(16));
    column->setSpacing(px(16));
    column->addWidget(makeHeader());
    m_message = new RunLabel(this);
    m_message->setObjectName(QStringLiteral("trainMessage"));
    m_message->setWrapping(true);
    m_message->setSize(Size::Body);
    m_message->setMonoArguments(false);
    m_message->hide();
    column->addWidget(m_message);
    auto* row = new QHBoxLayout;
    row->setSpacing(px(16));
    row->addWidget(makeLeft());
    m_empty = new EmptyLine(this);
    m_empty->layout()->setContentsMargins(0, px(8), 0, 0);
    row->addWidget(m_empty, 1);
    m_run = makeMiddle();
    row->addWidget(m_run, 1);
    row->addWidget(makeRight());
    column->addLayout(row, 1);
    setMinimumWidth(px(kNarrowestTrain));
    connect(&m_control, &TrainingRunControl::changed, this, &TrainPage::readAgain);
    connect(&m_control, &TrainingRunControl::changed, this, &TrainPage::changed);
    connect(&m_control, &TrainingRunControl::failed, this,
            [this](const QString& sentence) { Q_EMIT said(sentence, present::Tone::Fail); });
}

QWidget* TrainPage::makeHeader() {
    auto* header = new QWidget(this);
    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(px(8));
    m_title = new RunLabel(header);
    m_title->setObjectName(QStringLiteral("trainTitle"));
    m_title->setSize(Size::PageTitle);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_chip = new Chip(header);
    m_chip->setObjectName(QStringLiteral("trainChip"));
    m_note = new RunLabel(header);
    m_note->setTone(present::Tone::Muted);
    m_copy = new Button(header);
    m_copy->setObjectName(QStringLiteral("copyScriptButton"));
    m_start = new Button(header);
    m_start->setObjectName(QStringLiteral("startTrainingButton"));
    m_start->setGlyph(QStringLiteral("start"));
    connect(m_copy, &Button::clicked, this, [this] {
        QApplication::clipboard()->setText(QString::fromStdString(m_screen.script));
        Q_EMIT said(tr("The script is on the clipboard"), present::Tone::Pass);
    });
    connect(m_start, &Button::clicked, this, &TrainPage::start);
    row->addWidget(m_title);
    row->addSpacing(px(4));
    row->addWidget(m_chip);
    row->addSpacing(px(4));
    row->addWidget(m_note, 1);
    row->addWidget(m_copy);
    row->addWidget(m_start);
    return header;
}

QWidget* TrainPage::makeLeft() {
    auto* holder = new QWidget(this);
    holder->setFixedWidth(px(kLeft));
    QVBoxLayout* column = columnOf(holder);
    m_datasetCard = new Card(holder);
    m_datasetCard->setTitle(PERCH_TEXT("Train", "Dataset"));
    m_datasetCard->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_datasetCard->body()->setContentsMargins(0, 0, 0, 0);
    m_change = new Button(m_datasetCard);
    m_change->setObjectName(QStringLiteral("changeDataButton"));
    m_change->setSmall(true);
    m_change->setLabel(PERCH_TEXT("Train", "Change…"));
    connect(m_change, &Button::clicked, this, &TrainPage::chooseData);
    m_datasetCard->addHeaderWidget(m_change);
    m_dataset = new DatasetView(m_datasetCard);
    m_datasetCard->body()->addWidget(m_dataset);
    m_parameters = new ParameterForm(holder);
    connect(m_parameters, &ParameterForm::edited, this, [this](const QString& key, const QString& text) {
        m_choice.edits[key.toStdString()] = text.toStdString();
        Q_EMIT changed();
    });
    column->addWidget(m_datasetCard);
    column->addWidget(m_parameters);
    column->addStretch(1);
    return holder;
}

Card* TrainPage::makeCurveCard(QWidget* parent) {
    auto* card = new Card(parent);
    m_curve = new CurveChart(card);
    m_curve->setObjectName(QStringLiteral("learningCurve"));
    m_metrics = new Segments(card);
    m_metrics->setObjectName(QStringLiteral("curveMetrics"));
    m_metrics->setAccessibleName(tr("Metric of the curve"));
    connect(m_metrics, &Segments::chosen, this, [this](int index) {
        if (index < static_cast<int>(m_screen.metricNames.size()))
            m_choice.metric = m_screen.metricNames[static_cast<std::size_t>(index)];
        Q_EMIT changed();
    });
    card->addHeaderWidget(m_metrics);
    card->body()->setContentsMargins(px(16), 0, px(16), px(12));
    card->body()->addWidget(m_curve);
    return card;
}

/// What was written down: the log of this run, or the runs before it.
Card* TrainPage::makeRecordCard(QWidget* parent) {
    auto* card = new Card(parent);
    card->setFixedHeight(px(kRecord));
    m_record = new Segments(card);
    m_record->setObjectName(QStringLiteral("recordSegments"));
    m_record->setAccessibleName(tr("Log or past runs"));
    m_record->setLabels({PERCH_TEXT("Train", "Log"), PERCH_TEXT("Train", "Past runs")});
    card->addHeaderWidget(m_record);
    m_records = new QStackedWidget(card);
    auto* inset = new QWidget(m_records);
    auto* logRow = new QVBoxLayout(inset);
    logRow->setContentsMargins(px(16), px(4), px(16), px(12));
    m_log = new RunLogView(inset);
    logRow->addWidget(m_log);
    m_runs = new RunsTable(m_records);
    m_records->addWidget(inset);
    m_records->addWidget(m_runs);
    const auto title = [card](int index) {
        card->setTitle(index == 0 ? PERCH_TEXT("Train", "Log") : PERCH_TEXT("Train", "Past runs"));
        card->setNote(index == 0 ? PERCH_TEXT("Train", "following the end")
                                 : PERCH_TEXT("Train", "tick two to compare their curves"));
    };
    title(0);
    connect(m_record, &Segments::chosen, this, [this, title](int index) {
        m_records->setCurrentIndex(index);
        title(index);
    });
    connect(m_runs, &RunsTable::shown, this, [this](const QString& run) {
        m_choice.run = run.toStdString();
        std::erase(m_choice.compared, m_choice.run);
        Q_EMIT changed();
    });
    connect(m_runs, &RunsTable::comparedToggled, this, &TrainPage::toggleCompared);
    card->body()->setContentsMargins(0, 0, 0, px(2));
    card->body()->addWidget(m_records);
    return card;
}

QWidget* TrainPage::makeMiddle() {
    auto* holder = new QWidget(this);
    QVBoxLayout* column = columnOf(holder);
    m_progress = new ProgressCard(holder);
    connect(m_progress, &ProgressCard::pauseClicked, this, &TrainPage::pauseOrGoOn);
    connect(m_progress, &ProgressCard::stopClicked, this, &TrainPage::stopAndKeepBest);
    m_curveCard = makeCurveCard(holder);
    column->addWidget(m_progress);
    column->addWidget(m_curveCard, 1);
    column->addWidget(makeRecordCard(holder));
    return holder;
}

QWidget* TrainPage::makeRight() {
    auto* holder = new QWidget(this);
    holder->setFixedWidth(px(kRight));
    QVBoxLayout* column = columnOf(holder);
    m_machine = new MachineCard(holder);
    m_best = new BestCard(holder);
    m_steps = new StepsCard(holder);
    column->addWidget(m_machine);
    column->addWidget(m_best);
    column->addWidget(m_steps, 1);
    column->addStretch(0);
    return holder;
}

void TrainPage::setValue(const present::TrainScreen& screen) {
    m_screen = screen;
    m_title->setText(screen.title);
    m_chip->setValue(screen.chip);
    m_chip->setVisible(!screen.chip.word.empty());
    m_note->setText(screen.note);
    m_message->setTone(screen.messageTone);
    m_message->setText(screen.message);
    m_message->setVisible(!screen.message.empty());
    showAction(*m_copy, screen.copy);
    showAction(*m_start, screen.start);
    // While a training runs its own button is the primary one.
    m_start->setKind(screen.stop.shown ? Button::Kind::Plain : Button::Kind::Primary);
    m_change->setVisible(screen.dataset.changeable);
    m_dataset->setCard(screen.dataset);
    m_parameters->setCard(screen.parameters);
    m_empty->setState(screen.empty);
    m_empty->setVisible(screen.empty.shown);
    m_run->setVisible(!screen.empty.shown);
    m_best->setVisible(!screen.empty.shown);
    m_steps->setVisible(!screen.empty.shown);
    m_machine->setScreen(screen);
    if (screen.empty.shown)
        return;
    m_progress->setScreen(screen);
    m_curveCard->setTitle(screen.curve.title);
    m_curveCard->setNote(screen.curve.note);
    m_metrics->setLabels(screen.metrics);
    m_metrics->setCurrent(screen.metric);
    m_metrics->setVisible(screen.metrics.size() > 1);
    m_curve->setCard(screen.curve);
    m_log->setLog(screen.run, screen.log);
    m_runs->setRuns(screen.runs, screen.metricHead);
    m_best->setValue(screen.best);
    m_steps->setSteps(screen.steps);
}

void TrainPage::resetChoice() {
    m_choice = {};
}

void TrainPage::start() {
    if (!m_screen.start.enabled)
        return;
    TrainingOrder order;
    if (m_screen.resumes)
        order.resumes = *m_screen.resumes;
    else
        order.request = m_screen.request;
    // The new run is shown as soon as its folder is there.
    m_choice.run.clear();
    m_choice.edits.clear();
    m_choice.data.clear();
    m_control.start(order);
}

void TrainPage::pauseOrGoOn() {
    if (m_screen.pause.enabled)
        m_control.ask(m_screen.run, m_screen.chip.state == present::State::Paused ? model::RunControl::Resume
                                                                                  : model::RunControl::Pause);
}

void TrainPage::stopAndKeepBest() {
    if (m_screen.stop.enabled)
        m_control.ask(m_screen.run, model::RunControl::Stop);
}

void TrainPage::chooseData() {
    if (!m_dialogs.openFile)
        return;
    const QString file = m_dialogs.openFile(this, tr("Data to train on"), tableFileFilter());
    if (!file.isEmpty())
        setData(file.toStdString());
}

void TrainPage::setData(const std::string& file) {
    m_choice.data = file;
    Q_EMIT changed();
}

void TrainPage::toggleCompared(const QString& run) {
    const std::string id = run.toStdString();
    if (std::erase(m_choice.compared, id) == 0) {
        // A third one takes the place of the first.
        if (m_choice.compared.size() == kMostCompared)
            m_choice.compared.erase(m_choice.compared.begin());
        m_choice.compared.push_back(id);
    }
    Q_EMIT changed();
}

} // namespace perch::widgets
