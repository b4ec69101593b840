#include "widgets/evaluate/slices_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/evaluate/rates_delegate.h"
#include "widgets/support/run_label.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr double kSliceRow = 30, kSliceHeader = 26; ///< pixels at 100 %
struct SliceColumn {
    enum Index { Slice, Rows, Value, Change };
};

} // namespace

SlicesCard::SlicesCard(QWidget* parent)
    : Card(parent),
      m_view(new QTableView(this)),
      m_model(new ChartTableModel(this)),
      m_rates(new RatesDelegate(SliceColumn::Rows, SliceColumn::Value, m_view)),
      m_empty(new RunLabel(this)) {
    setTitle(PERCH_TEXT("Evaluate", "Worst slices"));
    body()->setContentsMargins(0, 0, 0, 2);
    m_empty->setWrapping(true);
    auto* inset = new QVBoxLayout;
    inset->setContentsMargins(px(16), px(4), px(16), 0);
    inset->addWidget(m_empty);
    body()->addLayout(inset);
    m_view->setObjectName(QStringLiteral("slicesTable"));
    m_view->setAccessibleName(tr("Worst slices"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(m_rates);
    prepareTable(*m_view, px(kSliceRow), px(kSliceHeader));
    body()->addWidget(m_view, 1);
}

void SlicesCard::setScreen(const present::EvaluateScreen& screen) {
    setRightNote(screen.slicesNote);
    std::vector<present::Tone> tones;
    ChartTable table;
    table.headers = {tr("Slice"), tr("Rows"), toQString(screen.candidate),
                     screen.baseline.empty() ? tr("vs rest") : tr("vs %1").arg(toQString(screen.baseline))};
    table.rightPadding = px(16);
    for (const auto& row : screen.slices) {
        table.rows.append(
            {QString::fromStdString(row.slice), toQString(row.rows), toQString(row.value), toQString(row.change.text)});
        tones.push_back(row.change.tone);
    }
    m_rates->setTones(std::move(tones));
    m_model->setTable(table);
    m_view->setVisible(!screen.slices.empty());
    m_empty->setText(screen.slicesEmpty);
    m_empty->setVisible(screen.slices.empty());
    sizeColumns();
}

void SlicesCard::sizeColumns() {
    if (m_model->columnCount() == 0)
        return; // nothing was evaluated
    const QFontMetrics metrics(textFont(Size::Secondary, Face::Mono, 600));
    const int rows = metrics.horizontalAdvance(QStringLiteral("000,000")) + px(8),
              value = metrics.horizontalAdvance(QStringLiteral("100.0 %")) + px(12),
              change = metrics.horizontalAdvance(QStringLiteral("-10.0")) + px(28);
    m_view->horizontalHeader()->setSectionResizeMode(SliceColumn::Slice, QHeaderView::Stretch);
    m_view->setColumnWidth(SliceColumn::Rows, rows);
    m_view->setColumnWidth(SliceColumn::Value, value);
    m_view->setColumnWidth(SliceColumn::Change, change);
}

} // namespace perch::widgets
