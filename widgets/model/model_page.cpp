#include "widgets/model/model_page.h"

#include "widgets/charts/heat_strip.h"
#include "widgets/charts/time_chart.h"
#include "widgets/model/action_bar.h"
#include "widgets/model/empty_line.h"
#include "widgets/model/gates_card.h"
#include "widgets/model/loading_bars.h"
#include "widgets/model/replica_grid.h"
#include "widgets/model/timeline_card.h"
#include "widgets/model/traffic_card.h"
#include "widgets/model/weight_field.h"
#include "widgets/support/button.h"
#include "widgets/support/chip.h"
#include "widgets/support/run_label.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QScrollArea>
#include <QStackedLayout>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr int kWideWindow = 1440; ///< from here on the timeline has its own column
constexpr int kTimeline = 320;
constexpr int kNarrowestModel = 1080;

QScrollArea* scrolled(QWidget* content, QWidget* parent) {
    auto* area = new QScrollArea(parent);
    area->setFrameShape(QFrame::NoFrame);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    area->setWidget(content);
    area->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false); // setWidget had turned it on
    return area;
}

} // namespace

ModelPage::ModelPage(QWidget* parent)
    : QWidget(parent), m_pages(new QStackedLayout(this)), m_empty(new EmptyLine(this)), m_content(new QWidget(this)) {
    setObjectName(QStringLiteral("modelPage"));
    m_pages->addWidget(new LoadingBars(PERCH_TEXT("Model", "Reading the platform and Prometheus"), this));
    m_pages->addWidget(m_empty);
    m_pages->addWidget(m_content);
    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(px(16), px(16), px(16), px(16));
    column->setSpacing(px(16));
    column->addWidget(makeHeader());
    m_tabs = new Segments(m_content);
    m_tabs->setObjectName(QStringLiteral("modelTabs"));
    m_tabs->setLabels({PERCH_TEXT("Model", "Overview"), PERCH_TEXT("Model", "Evidence timeline")});
    connect(m_tabs, &Segments::chosen, this, &ModelPage::arrange);
    column->addWidget(m_tabs);
    makeCards();
    m_columns = new QGridLayout;
    m_columns->setContentsMargins(0, 0, 0, 0);
    m_columns->setHorizontalSpacing(px(16));
    m_columns->addWidget(m_overview, 0, 0);
    m_columns->addWidget(m_timeline, 0, 1);
    m_columns->setColumnStretch(0, 1);
    column->addLayout(m_columns, 1);
    setMinimumWidth(px(kNarrowestModel));
}

QWidget* ModelPage::makeHeader() {
    auto* header = new QWidget(m_content);
    m_titleBlock = new QWidget(header);
    auto* block = new QVBoxLayout(m_titleBlock);
    block->setContentsMargins(0, 0, 0, 0);
    block->setSpacing(px(4));
    auto* first = new QHBoxLayout;
    first->setSpacing(px(12));
    m_title = new RunLabel(m_titleBlock);
    m_title->setSize(Size::PageTitle);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_chipRow = new QWidget(m_titleBlock);
    auto* chips = new QHBoxLayout(m_chipRow);
    chips->setContentsMargins(0, 0, 0, 0);
    chips->setSpacing(px(8));
    first->addWidget(m_title);
    first->addWidget(m_chipRow);
    first->addStretch(1);
    m_subtitle = new RunLabel(m_titleBlock);
    m_subtitle->setTone(present::Tone::Muted);
    m_subtitle->setArgumentTone(present::Tone::Secondary);
    block->addLayout(first);
    block->addWidget(m_subtitle);
    m_actions = new ActionBar(header);
    connect(m_actions, &ActionBar::clicked, this, &ModelPage::act);
    // Tab order of the page: the actions first.
    m_header = new QGridLayout(header);
    m_header->setContentsMargins(0, 0, 0, 0);
    m_header->setHorizontalSpacing(px(16));
    m_header->setVerticalSpacing(px(12));
    m_header->setColumnStretch(0, 1);
    return header;
}

void ModelPage::makeCards() {
    m_overview = new QWidget(m_content);
    auto* rows = new QVBoxLayout(m_overview);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(px(16));
    auto* middle = new QHBoxLayout;
    auto* bottom = new QHBoxLayout;
    middle->setSpacing(px(16));
    bottom->setSpacing(px(16));
    m_traffic = new TrafficCard(m_overview);
    connect(&m_traffic->weight(), &WeightField::applied, this, &ModelPage::applyWeight);
    m_gates = new GatesCard(m_overview);
    m_gates->setMinimumWidth(px(400));
    m_accuracyCard = new Card(m_overview);
    m_accuracy = new TimeChart(m_accuracyCard);
    m_accuracy->setObjectName(QStringLiteral("accuracyChart"));
    m_accuracyCard->body()->addWidget(m_accuracy);
    m_latencyCard = new Card(m_overview);
    m_latency = new TimeChart(m_latencyCard);
    m_latency->setObjectName(QStringLiteral("latencyChart"));
    m_latencyCard->body()->addWidget(m_latency);
    m_driftCard = new Card(m_overview);
    m_driftCard->setTitle(PERCH_TEXT("Model", "Drift by feature"));
    m_drift = new HeatStripChart(m_driftCard);
    m_drift->setObjectName(QStringLiteral("driftStrip"));
    m_drift->setAccessibleName(tr("Drift by feature"));
    m_driftCard->body()->addWidget(m_drift);
    m_replicasCard = new Card(m_overview);
    m_replicasCard->setTitle(PERCH_TEXT("Model", "Replicas"));
    m_replicas = new ReplicaGrid;
    m_replicas->setObjectName(QStringLiteral("replicaGrid"));
    m_replicasCard->body()->setContentsMargins(px(16), 0, px(16), px(12));
    m_replicasCard->body()->addWidget(scrolled(m_replicas, m_replicasCard));
    rows->addWidget(m_traffic);
    rows->addLayout(middle, 3);
    rows->addLayout(bottom, 2);
    middle->addWidget(m_gates, 3);
    middle->addWidget(m_accuracyCard, 4);
    for (Card* card : {m_latencyCard, m_driftCard, m_replicasCard}) {
        card->setMinimumWidth(px(272));
        bottom->addWidget(card, 1);
    }
    m_timeline = new TimelineCard(m_content);
    connect(m_timeline, &TimelineCard::exportRequested, this, &ModelPage::exportRequested);
}

void ModelPage::setValue(const present::ModelScreen& screen) {
    if (!screen.found) {
        m_empty->setState(screen.empty);
        m_pages->setCurrentWidget(m_empty);
        return;
    }
    if (screen.model != m_model)
        m_tabs->setCurrent(0);
    m_model = screen.model;
    m_title->setText(verbatim(screen.model.text()));
    setChips(screen.chips);
    m_subtitle->setText(screen.subtitle);
    m_actions->setActions(screen.actions);
    m_traffic->setScreen(screen);
    m_gates->setTable(screen.gates);
    m_accuracyCard->setTitle(screen.accuracy.title);
    m_accuracyCard->setNote(screen.accuracy.note);
    m_accuracy->setChart(screen.accuracy);
    m_latencyCard->setTitle(screen.latency.title);
    m_latencyCard->setRightNote(screen.latency.note);
    m_latency->setChart(screen.latency);
    m_driftCard->setRightNote(screen.drift.note);
    m_drift->setStrip(screen.drift);
    m_replicasCard->setRightNote(screen.replicasNote);
    m_replicas->setGroups(screen.replicas);
    m_timeline->setTimeline(screen.timeline);
    m_pages->setCurrentWidget(m_content);
    arrange();
}

void ModelPage::setChips(const std::vector<present::Chip>& chips) {
    QLayout* row = m_chipRow->layout();
    while (row->count() > static_cast<int>(chips.size())) {
        const std::unique_ptr<QLayoutItem> item(row->takeAt(row->count() - 1));
        delete item->widget();
    }
    while (row->count() < static_cast<int>(chips.size()))
        row->addWidget(new Chip(m_chipRow));
    for (std::size_t index = 0; index < chips.size(); ++index)
        static_cast<Chip*>(row->itemAt(static_cast<int>(index))->widget())->setValue(chips[index]);
}

void ModelPage::setBusy(std::optional<present::ModelButton> button, const QString& step) {
    m_actions->setBusy(button, step);
    m_traffic->weight().setBusy(button.has_value());
}

void ModelPage::arrange() {
    const bool wideTimeline = window()->width() >= px(kWideWindow);
    const bool wideHeader = width() - px(32) >= m_actions->sizeHint().width() + px(300);
    if (m_wideHeader != wideHeader) {
        m_wideHeader = wideHeader;
        m_header->removeWidget(m_titleBlock);
        m_header->removeWidget(m_actions);
        m_header->addWidget(m_titleBlock, 0, 0);
        m_header->addWidget(m_actions, wideHeader ? 0 : 1, wideHeader ? 1 : 0,
                            wideHeader ? Qt::AlignVCenter | Qt::AlignRight : Qt::AlignLeft);
    }
    m_tabs->setVisible(!wideTimeline);
    const bool timelineTab = m_tabs->current() == 1;
    m_overview->setVisible(wideTimeline || !timelineTab);
    m_timeline->setVisible(wideTimeline || timelineTab);
    m_timeline->setMinimumWidth(wideTimeline ? px(kTimeline) : 0);
    m_timeline->setMaximumWidth(wideTimeline ? px(kTimeline) : QWIDGETSIZE_MAX);
    m_columns->setColumnStretch(1, wideTimeline || !timelineTab ? 0 : 1);
    m_columns->setColumnStretch(0, wideTimeline || !timelineTab ? 1 : 0);
    m_columns->setHorizontalSpacing(wideTimeline ? px(16) : 0);
}

void ModelPage::act(present::ModelButton button) {
    const present::ActionButton& action = m_actions->action(button);
    if (button == present::ModelButton::SetWeight) {
        // Without another weight there is nothing to plan yet: the person chooses one first.
        if (m_traffic->weight().changed())
            applyWeight(m_traffic->weight().chosen());
        else
            m_traffic->weight().focusField();
        return;
    }
    Q_EMIT intentRaised(action.intent);
}

void ModelPage::applyWeight(Percent weight) {
    rollout::Intent intent = m_actions->action(present::ModelButton::SetWeight).intent;
    intent.weight = weight;
    Q_EMIT intentRaised(intent);
}

void ModelPage::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

void ModelPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    arrange();
}

void ModelPage::keyPressEvent(QKeyEvent* event) {
    if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_T)
        toggleTables(this);
    else
        QWidget::keyPressEvent(event);
}

} // namespace perch::widgets
