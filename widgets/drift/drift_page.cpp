#include "widgets/drift/drift_page.h"

#include "core/base/number_format.h"
#include "widgets/charts/heat_strip.h"
#include "widgets/drift/estimate_card.h"
#include "widgets/drift/figure_row.h"
#include "widgets/drift/histogram_chart.h"
#include "widgets/drift/meaning_card.h"
#include "widgets/drift/ramp_legend.h"
#include "widgets/drift/ranked_card.h"
#include "widgets/evaluate/picker.h"
#include "widgets/model/empty_line.h"
#include "widgets/support/button.h"
#include "widgets/support/chip.h"
#include "widgets/support/run_label.h"

#include <QKeyEvent>
#include <QVBoxLayout>

#include <algorithm>
#include <atomic>

namespace perch::widgets {

namespace {

constexpr double kNarrowestDrift = 1'080, kSideWidth = 424, kStripFrame = 52, kLiveHeight = 300; ///< pixels at 100 %

QHBoxLayout* lineOf(QWidget* holder, int gap) {
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(gap);
    return row;
}

} // namespace

DriftPage::DriftPage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("driftPage"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16), px(16), px(16), px(16));
    column->setSpacing(px(16));
    column->addWidget(makeHeader());
    m_request = makeRequest();
    column->addWidget(m_request);
    m_message = new RunLabel(this);
    m_message->setObjectName(QStringLiteral("driftMessage"));
    m_message->setWrapping(true);
    m_message->hide();
    column->addWidget(m_message);
    m_top = makeTop();
    column->addWidget(m_top, 7);
    m_empty = new EmptyLine(this);
    m_empty->layout()->setContentsMargins(0, px(8), 0, 0);
    column->addWidget(m_empty, 1);
    m_bottom = makeBottom();
    column->addWidget(m_bottom, 11);
    m_bottom->hide();
    connectRun();
    setMinimumWidth(px(kNarrowestDrift));
}

QWidget* DriftPage::makeHeader() {
    auto* header = new QWidget(this);
    QHBoxLayout* row = lineOf(header, px(8));
    m_title = new RunLabel(header);
    m_title->setSize(Size::PageTitle);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_verdict = new Chip(header);
    m_verdict->setObjectName(QStringLiteral("driftVerdict"));
    m_figures = new FigureRow(FigureRow::Spread::Natural, header);
    m_figures->setObjectName(QStringLiteral("driftFigures"));
    m_train = new Button(header);
    m_train->setObjectName(QStringLiteral("trainOnRecentButton"));
    m_train->setLabel(PERCH_TEXT("Drift", "Train on recent data…"));
    m_train->setGlyph(QStringLiteral("train"));
    connect(m_train, &Button::clicked, this,
            [this] { Q_EMIT trainRequested(QString::fromStdString(m_screen.current)); });
    row->addWidget(m_title);
    row->addWidget(m_verdict);
    row->addSpacing(px(16));
    row->addWidget(m_figures);
    row->addStretch(1);
    row->addWidget(m_train);
    return header;
}

Picker* DriftPage::makePicker(const Text& caption, const char* name, QWidget* parent) {
    auto* picker = new Picker(caption, {}, parent);
    picker->setObjectName(QString::fromLatin1(name));
    connect(picker, &Picker::chosen, this, [this, picker](const QString& choice) { chooseFile(picker, choice); });
    return picker;
}

QWidget* DriftPage::makeRequest() {
    auto* holder = new QWidget(this);
    QHBoxLayout* row = lineOf(holder, px(8));
    m_reference = makePicker(PERCH_TEXT("Drift", "Reference"), "referencePicker", holder);
    m_current = makePicker(PERCH_TEXT("Drift", "Current"), "currentPicker", holder);
    m_version = makePicker(PERCH_TEXT("Drift", "Model"), "driftVersionPicker", holder);
    m_preset = new Segments(holder);
    m_preset->setObjectName(QStringLiteral("driftPreset"));
    m_preset->setAccessibleName(tr("Preset"));
    m_preset->setLabels({PERCH_TEXT("Drift", "Perch"), PERCH_TEXT("Drift", "Evidently")});
    m_preset->setToolTip(tr("Perch: PSI with false-discovery control. Evidently: the tests that Evidently picks."));
    connect(m_preset, &Segments::chosen, this, &DriftPage::refreshRun);
    m_measure = new Button(holder);
    m_measure->setObjectName(QStringLiteral("measureDriftButton"));
    connect(m_measure, &Button::clicked, this, [this] { startComparison(); });
    m_cancel = new Button(holder);
    m_cancel->setObjectName(QStringLiteral("cancelDriftButton"));
    m_cancel->setLabel(PERCH_TEXT("Drift", "Stop comparing"));
    connect(m_cancel, &Button::clicked, this, [this] { m_run.cancel(tr("Comparison cancelled.")); });
    m_note = new RunLabel(holder);
    m_note->setTone(present::Tone::Muted);
    for (QWidget* widget :
         std::initializer_list<QWidget*>{m_reference, m_current, m_version, m_preset, m_measure, m_cancel})
        row->addWidget(widget);
    row->addSpacing(px(4));
    row->addWidget(m_note, 1);
    return holder;
}

QWidget* DriftPage::makeTop() {
    auto* holder = new QWidget(this);
    QHBoxLayout* row = lineOf(holder, px(16));
    m_stripCard = new Card(holder);
    m_stripCard->setTitle(PERCH_TEXT("Drift", "Feature drift over time"));
    m_legend = new RampLegend(m_stripCard);
    m_range = new Segments(m_stripCard);
    m_range->setObjectName(QStringLiteral("driftRange"));
    m_range->setAccessibleName(tr("Time range"));
    m_range->setLabels({PERCH_TEXT("Drift", "24 h"), PERCH_TEXT("Drift", "7 d"), PERCH_TEXT("Drift", "30 d")});
    m_range->setToolTip(tr("How far back. Prometheus keeps what its retention says; before that there is no data."));
    connect(m_range, &Segments::chosen, this, &DriftPage::changed);
    m_stripCard->addHeaderWidget(m_legend);
    m_stripCard->addHeaderWidget(m_range);
    m_strip = new HeatStripChart(m_stripCard);
    m_strip->setObjectName(QStringLiteral("driftStrip"));
    m_strip->setAccessibleName(tr("Feature drift over time"));
    m_strip->setWide();
    connect(m_strip, &HeatStripChart::rowChosen, this, &DriftPage::select);
    m_stripCard->body()->setContentsMargins(px(8), px(2), px(8), px(8));
    m_stripCard->body()->addWidget(m_strip);
    m_histogramCard = new Card(holder);
    m_histogramCard->setFixedWidth(px(kSideWidth));
    m_histogramCard->body()->setContentsMargins(0, px(2), 0, 0);
    m_histogram = new HistogramChart(m_histogramCard);
    m_remark = new RunLabel(m_histogramCard);
    m_remark->setTone(present::Tone::Warning);
    m_remark->setArgumentTone(present::Tone::Warning);
    auto* inset = new QVBoxLayout;
    inset->setContentsMargins(px(16), 0, px(16), 0);
    inset->setSpacing(px(2));
    inset->addWidget(m_histogram, 1);
    inset->addWidget(m_remark);
    m_histogramFigures = new FigureRow(FigureRow::Spread::Equal, m_histogramCard);
    m_histogramFigures->setObjectName(QStringLiteral("featureFigures"));
    m_histogramCard->body()->addLayout(inset, 1);
    m_histogramCard->body()->addWidget(m_histogramFigures);
    row->addWidget(m_stripCard, 1);
    row->addWidget(m_histogramCard);
    return holder;
}

QWidget* DriftPage::makeBottom() {
    auto* holder = new QWidget(this);
    QHBoxLayout* row = lineOf(holder, px(16));
    m_ranked = new RankedCard(holder);
    connect(m_ranked, &RankedCard::chosen, this, &DriftPage::select);
    connect(m_ranked, &RankedCard::ordered, this, [this](present::DriftOrder order) {
        m_order = order;
        Q_EMIT changed();
    });
    auto* side = new QWidget(holder);
    side->setFixedWidth(px(kSideWidth));
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(16));
    m_meaning = new MeaningCard(side);
    m_estimate = new EstimateCard(side);
    column->addWidget(m_meaning);
    column->addWidget(m_estimate, 1);
    row->addWidget(m_ranked, 1);
    row->addWidget(side);
    return holder;
}

void DriftPage::connectRun() {
    connect(&m_run, &BackgroundRun::progressed, this, [this](const QString& sentence) {
        say(sentence, present::Tone::Accent);
        refreshRun();
    });
    connect(&m_run, &BackgroundRun::failed, this, [this](const QString& sentence) {
        say(sentence, present::Tone::Fail);
        refreshRun();
    });
}

void DriftPage::startComparison() {
    const DriftRequest request = wanted();
    const auto share = std::make_shared<std::atomic<double>>(0); // outlives this page with its work
    m_run.start<drift::DriftRecord>(
        [measurer = m_measurer, request, share](std::stop_token stop) {
            return measurer(request, [share](double done) { *share = done; }, std::move(stop));
        },
        [this](const std::shared_ptr<const drift::DriftRecord>& record) {
            m_shown = wanted();
            m_message->hide();
            refreshRun();
            Q_EMIT measured(record);
        },
        [request, share](Seconds age) {
            return tr("Comparing %1 with %2, %3 done, %4")
                .arg(QString::fromStdString(request.current), QString::fromStdString(request.reference),
                     QString::fromStdString(formatPercent(*share, 0)), QString::fromStdString(formatAge(age)));
        });
}

void DriftPage::setValue(const present::DriftScreen& screen) {
    m_screen = screen;
    m_title->setText(screen.title);
    m_verdict->setValue(screen.verdict);
    m_figures->setFigures(screen.figures);
    m_train->setVisible(screen.measured);
    if (!screen.histogram.feature.empty())
        m_selected = screen.histogram.feature; // stays when the order changes
    m_shown.version = screen.subject;
    m_shown.reference = screen.reference;
    m_shown.current = screen.current;
    m_shown.preset = screen.preset;
    // A choice that waits to be compared stays while other values arrive.
    if (m_adopts || !m_measurer) {
        m_adopts = false;
        // A package that is not registered cannot be compared again from here.
        const bool known = m_choices.versions.empty() ||
                           std::ranges::find(m_choices.versions, screen.subject) != m_choices.versions.end();
        m_version->setCurrent(known ? QString::fromStdString(screen.subject) : QString());
        m_reference->setCurrent(QString::fromStdString(screen.reference));
        m_current->setCurrent(QString::fromStdString(screen.current));
        m_preset->setCurrent(static_cast<int>(screen.preset));
    }
    m_note->setText(screen.measuredNote);
    m_top->setVisible(screen.live || screen.measured);
    m_stripCard->setNote(screen.stripNote);
    m_strip->setStrip(screen.strip);
    m_legend->setLimit(screen.strip.limit);
    // Alone, the strip is as high as its rows; the layout would learn that only with its next event.
    const int alone = std::max(m_strip->sizeHint().height() + px(kStripFrame), px(kLiveHeight));
    m_top->setMaximumHeight(screen.measured ? QWIDGETSIZE_MAX : alone);
    m_top->setMinimumHeight(screen.measured ? 0 : alone);
    m_strip->setSelected(QString::fromStdString(screen.histogram.feature));
    m_histogramCard->setVisible(!screen.histogram.feature.empty());
    if (m_histogramCard->isVisibleTo(m_top)) {
        m_histogramCard->setTitle(verbatim(screen.histogram.feature));
        m_histogram->setHistogram(screen.histogram);
        m_remark->setText(screen.histogram.remark);
        m_remark->setVisible(!screen.histogram.remark.empty());
        m_histogramFigures->setFigures(screen.histogram.figures);
    }
    m_empty->setState(screen.empty);
    m_empty->setVisible(screen.empty.shown);
    m_bottom->setVisible(screen.measured);
    if (screen.measured) {
        m_ranked->setScreen(screen, m_order);
        m_meaning->setMeaning(screen.meaning);
        m_estimate->setEstimate(screen.estimate);
    }
    refreshRun();
}

void DriftPage::setChoices(const ModelChoices& choices) {
    if (choices == m_choices)
        return;
    if (choices.model != m_choices.model) {
        m_run.cancel(tr("Comparison cancelled."));
        m_message->hide();
        m_adopts = true;
        m_selected.clear();
    }
    m_choices = choices;
    refreshRun();
}

void DriftPage::setMeasurer(DriftMeasurer measurer, QThreadPool* pool) {
    m_measurer = std::move(measurer);
    m_run.setPool(pool);
    refreshRun();
}

telemetry::DriftRange DriftPage::range() const {
    return static_cast<telemetry::DriftRange>(m_range->current());
}

void DriftPage::select(const QString& feature) {
    if (m_selected == feature.toStdString())
        return;
    m_selected = feature.toStdString();
    Q_EMIT changed();
}

/// The last choice of the two tables is any file.
void DriftPage::chooseFile(Picker* picker, const QString& choice) {
    if (picker != m_version && choice == tr("Choose a file…")) {
        const QString file =
            m_dialogs.openFile ? m_dialogs.openFile(this, tr("Table to compare"), tableFileFilter()) : QString();
        const std::string& before = picker == m_reference ? m_shown.reference : m_shown.current;
        picker->setCurrent(file.isEmpty() ? QString::fromStdString(before) : file);
    }
    refreshRun();
}

DriftRequest DriftPage::wanted() const {
    return {m_choices.model, m_version->current().toStdString(), m_reference->current().toStdString(),
            m_current->current().toStdString(), static_cast<drift::DriftPreset>(m_preset->current())};
}

void DriftPage::refreshRun() {
    const bool choosable = m_measurer && !m_choices.versions.empty();
    const QStringList versions = choosable ? toQStringList(m_choices.versions) : QStringList();
    QStringList files = choosable ? toQStringList(m_choices.data) : QStringList();
    if (choosable && !m_adopts) {
        if (m_version->current().isEmpty())
            m_version->setCurrent(versions.front());
        if (m_reference->current().isEmpty() && !files.isEmpty())
            m_reference->setCurrent(files.back());
        // The newest table, if it is another one.
        if (m_current->current().isEmpty() && files.size() > 1)
            m_current->setCurrent(files.front());
    }
    if (choosable)
        files.append(tr("Choose a file…"));
    m_version->setChoices(versions);
    m_reference->setChoices(files);
    m_current->setChoices(files);
    for (Picker* picker : {m_version, m_reference, m_current}) {
        picker->setVisible(choosable || !picker->current().isEmpty());
        picker->setEnabled(!m_run.running());
    }
    const DriftRequest now = wanted();
    const bool other = !m_screen.measured || now.version != m_shown.version || now.reference != m_shown.reference ||
                       now.current != m_shown.current || now.preset != m_shown.preset;
    m_measure->setKind(other ? Button::Kind::Primary : Button::Kind::Plain);
    m_measure->setLabel(other ? PERCH_TEXT("Drift", "Compare tables") : PERCH_TEXT("Drift", "Compare again"));
    m_measure->setVisible(choosable && !m_run.running());
    const bool named = !now.reference.empty() && !now.current.empty();
    m_measure->setEnabled(named);
    m_measure->setToolTip(named ? QString() : tr("Choose both tables first."));
    m_measure->setAccessibleDescription(m_measure->toolTip());
    m_cancel->setVisible(m_run.running());
    m_preset->setVisible(choosable || m_screen.measured);
    m_preset->setEnabled(choosable && !m_run.running());
    m_request->setVisible(choosable || m_screen.measured);
}

void DriftPage::say(const QString& sentence, present::Tone tone) {
    m_message->setTone(tone);
    m_message->setText(verbatim(sentence.toStdString()));
    m_message->show();
}

void DriftPage::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_T)
        toggleTables(this);
    else
        QWidget::keyPressEvent(event);
}

} // namespace perch::widgets
