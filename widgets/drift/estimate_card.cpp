#include "widgets/drift/estimate_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr double kEstimateRow = 24, kEstimateHeader = 26; ///< pixels at 100 %
struct EstimateColumn {
    enum Index { Metric, Estimated, Realized, Check, ColumnCount };
};

class EstimateDelegate : public QStyledItemDelegate {
public:
    EstimateDelegate(const std::vector<present::DriftEstimate::Row>* rows, QObject* parent)
        : QStyledItemDelegate(parent), m_rows(rows) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        const QRect& area = option.rect;
        if (option.state & QStyle::State_Selected)
            painter->fillRect(area, theme().sel);
        painter->fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme().line);
        const auto& row = (*m_rows)[static_cast<std::size_t>(index.row())];
        RunStyle style;
        style.color = theme().ink2;
        if (index.column() == EstimateColumn::Metric) {
            style.color = theme().ink;
            paintRuns(*painter, area.adjusted(px(16), 0, 0, 0), row.metric, style);
        } else if (index.column() == EstimateColumn::Estimated) {
            paintEstimated(*painter, area.adjusted(0, 0, -px(8), 0), row);
        } else {
            const bool last = index.column() == EstimateColumn::Check;
            paintRuns(*painter, area.adjusted(0, 0, -px(last ? 16 : 8), 0), last ? row.check : row.realized, style,
                      Qt::AlignRight);
        }
        painter->restore();
    }

private:
    /// The bold value and its small interval, right aligned.
    static void paintEstimated(QPainter& painter, const QRect& area, const present::DriftEstimate::Row& row) {
        RunStyle value, small;
        value.color = theme().text(row.estimated.tone);
        value.argumentWeight = 600;
        small.size = Size::Caption;
        small.color = theme().ink3;
        const int room = runsWidth(verbatim("0.000–0.000"), small) + px(6);
        paintRuns(painter, area.adjusted(0, 0, -room, 0), row.estimated.text, value, Qt::AlignRight);
        paintRuns(painter, area.adjusted(area.width() - room + px(6), 1, px(8), 1), row.interval, small);
    }

    const std::vector<present::DriftEstimate::Row>* m_rows;
};

} // namespace

EstimateCard::EstimateCard(QWidget* parent)
    : Card(parent), m_view(new QTableView(this)), m_model(new ChartTableModel(this)), m_words(new RunLabel(this)) {
    setTitle(PERCH_TEXT("Drift", "Estimated performance"));
    body()->setContentsMargins(0, 0, 0, 0);
    body()->setSpacing(0);
    m_view->setObjectName(QStringLiteral("estimateTable"));
    m_view->setAccessibleName(tr("Estimated performance"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new EstimateDelegate(&m_rows, m_view));
    prepareTable(*m_view, px(kEstimateRow), px(kEstimateHeader));
    m_view->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    body()->addWidget(m_view);
    auto* words = new QVBoxLayout;
    words->setContentsMargins(px(16), px(8), px(16), px(12));
    m_words->setWrapping(true);
    m_words->setMonoArguments(false);
    words->addWidget(m_words);
    body()->addLayout(words);
    body()->addStretch(1);
}

void EstimateCard::setEstimate(const present::DriftEstimate& estimate) {
    setRightNote(estimate.note);
    m_rows = estimate.rows;
    ChartTable table;
    table.headers = {tr("Metric"), tr("Estimated, 95 %"), tr("Realized"), tr("Check")};
    table.rightPadding = px(16);
    for (const auto& row : m_rows)
        table.rows.append({toQString(row.metric),
                           toQString(row.estimated.text) + QLatin1Char(' ') + toQString(row.interval),
                           toQString(row.realized), toQString(row.check)});
    m_model->setTable(table);
    m_view->setVisible(!m_rows.empty());
    m_view->setFixedHeight(px(kEstimateHeader) + px(kEstimateRow) * static_cast<int>(m_rows.size()));
    m_words->setText(estimate.rows.empty() ? estimate.emptyText : estimate.reason);
    sizeColumns();
}

void EstimateCard::sizeColumns() {
    const int realized = px(70), check = px(114), metric = px(80);
    const int width = m_view->viewport()->width();
    m_view->setColumnWidth(EstimateColumn::Metric, metric);
    m_view->setColumnWidth(EstimateColumn::Estimated, std::max(px(124), width - metric - realized - check));
    m_view->setColumnWidth(EstimateColumn::Realized, realized);
    m_view->setColumnWidth(EstimateColumn::Check, check);
}

void EstimateCard::resizeEvent(QResizeEvent* event) {
    Card::resizeEvent(event);
    sizeColumns();
}

} // namespace perch::widgets
