#include "widgets/fleet/fleet_page.h"

#include "widgets/charts/table_look.h"
#include "widgets/fleet/fleet_delegate.h"
#include "widgets/fleet/fleet_model.h"
#include "widgets/fleet/lanes_view.h"
#include "widgets/fleet/needs_you_row.h"
#include "widgets/model/empty_line.h"
#include "widgets/model/loading_bars.h"
#include "widgets/support/button.h"
#include "widgets/support/card.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr int kFleetHeader = 32;
constexpr int kFleetRow = 64;

/// The meaning of the colors in the lanes, at the right of the card's header.
class LaneLegend : public QWidget {
public:
    explicit LaneLegend(QWidget* parent) : QWidget(parent) { setFixedSize(px(150), px(20)); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const Theme& t = theme();
        const RunStyle words{Size::Secondary, t.ink2, {}, 0, 0, false};
        painter.fillRect(QRect(0, px(5), px(16), px(10)), t.canary);
        paintRuns(painter, QRect(px(22), 0, px(50), px(20)), PERCH_TEXT("Fleet", "canary"), words);
        painter.fillRect(QRect(px(78), px(5), px(16), px(10)), t.noneBg);
        painter.setPen(t.line);
        painter.drawRect(QRectF(px(78) + 0.5, px(5) + 0.5, px(16) - 1, px(10) - 1));
        paintRuns(painter, QRect(px(100), 0, px(50), px(20)), PERCH_TEXT("Fleet", "paused"), words);
    }
};

} // namespace

FleetPage::FleetPage(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("fleetPage"));
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(px(16), px(14), px(16), px(16));
    m_empty = new EmptyLine(this);
    m_content = new QWidget(this);
    m_loading = new LoadingBars(PERCH_TEXT("Fleet", "Reading the platform"), this);
    m_empty->hide();
    m_content->hide();
    outer->addWidget(m_empty);
    outer->addWidget(m_loading);
    outer->addWidget(m_content);
    outer->addStretch(1);

    auto* column = new QVBoxLayout(m_content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(16));
    m_needsYou = new NeedsYouRow(m_content);
    column->addWidget(m_needsYou);

    m_card = new Card(m_content);
    m_card->setTitle(PERCH_TEXT("Fleet", "Fleet"));
    m_filters = new Segments(m_card);
    m_filters->setObjectName(QStringLiteral("fleetFilter"));
    m_card->addHeaderWidget(m_filters);
    m_card->body()->setContentsMargins(0, px(4), 0, px(1));
    m_table = new QTableView(m_card);
    m_table->setObjectName(QStringLiteral("fleetTable"));
    prepareTable(*m_table, px(kFleetRow), px(kFleetHeader));
    m_model = new FleetModel(this);
    m_table->setModel(m_model);
    m_table->setItemDelegate(new FleetDelegate(*m_model, this));
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (int column_ = 0; column_ < FleetModel::kColumns; ++column_)
        m_table->setColumnWidth(column_, px(FleetDelegate::columnWidth(column_)));
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_card->body()->addWidget(m_table);
    column->addWidget(m_card);

    m_lanesCard = new Card(m_content);
    m_lanesCard->setTitle(PERCH_TEXT("Fleet", "Last 24 hours"));
    m_lanesCard->setNote(PERCH_TEXT("Fleet", "rollouts and interventions, UTC"));
    m_lanesCard->addHeaderWidget(new LaneLegend(m_lanesCard));
    m_lanesCard->body()->setContentsMargins(px(16), px(4), px(16), px(8));
    m_lanes = new LanesView(m_lanesCard);
    m_lanesCard->body()->addWidget(m_lanes);
    column->addWidget(m_lanesCard);

    const auto open = [this](const QModelIndex& index) {
        if (index.isValid())
            Q_EMIT modelOpened(m_model->row(index.row()).model);
    };
    connect(m_table, &QTableView::activated, this, open);
    connect(m_needsYou, &NeedsYouRow::opened, this,
            [this](const present::NeedsYouCard& card) { Q_EMIT modelOpened(card.model); });
    const auto filter = [this](int index) {
        m_model->setFilter(m_filterValues[static_cast<std::size_t>(index)].filter);
        fitTable();
    };
    connect(m_filters, &Segments::chosen, this, filter);
    connect(m_needsYou, &NeedsYouRow::moreRequested, this, [this, filter] {
        for (std::size_t i = 0; i < m_filterValues.size(); ++i) {
            if (m_filterValues[i].filter == present::FleetFilter::NeedsYou) {
                m_filters->setCurrent(static_cast<int>(i));
                filter(static_cast<int>(i));
            }
        }
    });
}

void FleetPage::setValue(const present::FleetScreen& screen) {
    m_loading->hide();
    m_empty->setState(screen.empty);
    m_empty->setVisible(screen.empty.shown);
    m_content->setVisible(!screen.empty.shown);
    m_needsYou->setCards(screen.needsYou, screen.moreText);
    m_card->setNote(screen.title);
    m_filterValues = screen.filters;
    std::vector<Text> labels;
    for (const present::FleetScreen::FilterButton& button : screen.filters)
        labels.push_back(button.label);
    m_filters->setLabels(labels);
    m_model->setRows(screen.rows);
    if (!m_table->currentIndex().isValid() && m_model->rowCount() > 0)
        m_table->selectRow(screen.needsYou.empty() ? 0 : std::max(0, m_model->indexOf(screen.needsYou.front().model)));
    fitTable();
    m_lanesCard->setVisible(!screen.lanes.empty());
    m_lanes->setLanes(screen.lanes, screen.laneStart, screen.laneEnd);
}

/// The page scrolls, the table does not: it is as high as its rows.
void FleetPage::fitTable() {
    m_table->setFixedHeight(px(kFleetHeader) + px(kFleetRow) * m_model->rowCount());
}

ModelName FleetPage::selected() const {
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? m_model->row(index.row()).model : ModelName();
}

void FleetPage::select(const ModelName& model) {
    const int row = m_model->indexOf(model);
    if (row >= 0)
        m_table->selectRow(row);
}

void FleetPage::setLoading(bool loading) {
    m_loading->setVisible(loading);
}

void FleetPage::focusFilter() {
    m_filters->setFocus(Qt::ShortcutFocusReason);
}

} // namespace perch::widgets
