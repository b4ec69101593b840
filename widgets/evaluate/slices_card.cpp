#include "widgets/evaluate/slices_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/support/run_label.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr double kSliceRow = 30, kSliceHeader = 26; ///< pixels at 100 %
struct SliceColumn {
    enum Index { Slice, Rows, Value, Change };
};

class SlicesDelegate : public QStyledItemDelegate {
public:
    SlicesDelegate(const std::vector<present::SliceRow>* rows, QObject* parent)
        : QStyledItemDelegate(parent), m_rows(rows) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme().sel);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
        const auto& row = (*m_rows)[static_cast<std::size_t>(index.row())];
        const bool bold = index.column() == SliceColumn::Value;
        painter->setFont(textFont(Size::Secondary, Face::Mono, bold ? 600 : 400));
        painter->setPen(index.column() == SliceColumn::Rows     ? theme().ink2
                        : index.column() == SliceColumn::Change ? theme().text(row.change.tone)
                                                                : theme().ink);
        QRect area = option.rect.adjusted(index.column() == SliceColumn::Slice ? px(16) : 0, 0,
                                          index.column() == SliceColumn::Change ? -px(16) : 0, 0);
        QString text = index.data().toString();
        if (index.column() == SliceColumn::Slice)
            text = painter->fontMetrics().elidedText(text, Qt::ElideMiddle, area.width() - px(4));
        painter->drawText(
            area, (index.column() == SliceColumn::Slice ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, text);
        painter->restore();
    }

private:
    const std::vector<present::SliceRow>* m_rows;
};

} // namespace

SlicesCard::SlicesCard(QWidget* parent)
    : Card(parent), m_view(new QTableView(this)), m_model(new ChartTableModel(this)), m_empty(new RunLabel(this)) {
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
    m_view->setItemDelegate(new SlicesDelegate(&m_rows, m_view));
    prepareTable(*m_view, px(kSliceRow), px(kSliceHeader));
    body()->addWidget(m_view, 1);
}

void SlicesCard::setScreen(const present::EvaluateScreen& screen) {
    setRightNote(screen.slicesNote);
    m_rows = screen.slices;
    ChartTable table;
    table.headers = {tr("Slice"), tr("Rows"), toQString(screen.candidate),
                     screen.baseline.empty() ? tr("vs rest") : tr("vs %1").arg(toQString(screen.baseline))};
    table.rightPadding = px(16);
    for (const auto& row : m_rows)
        table.rows.append(
            {QString::fromStdString(row.slice), toQString(row.rows), toQString(row.value), toQString(row.change.text)});
    m_model->setTable(table);
    m_view->setVisible(!m_rows.empty());
    m_empty->setText(screen.slicesEmpty);
    m_empty->setVisible(m_rows.empty());
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
