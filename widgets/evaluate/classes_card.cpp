#include "widgets/evaluate/classes_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/support/fonts.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr double kClassRow = 30, kClassHeader = 26, kRateColumn = 84; ///< pixels at 100 %
struct ClassColumn {
    enum Index { Name, Rows, Precision, Recall, F1, Change, Count };
};

class ClassesDelegate : public QStyledItemDelegate {
public:
    ClassesDelegate(const std::vector<present::ClassRow>* rows, QObject* parent)
        : QStyledItemDelegate(parent), m_rows(rows) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme().sel);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
        const auto& row = (*m_rows)[static_cast<std::size_t>(index.row())];
        const bool name = index.column() == ClassColumn::Name;
        painter->setFont(textFont(Size::Secondary, Face::Mono, index.column() == ClassColumn::F1 ? 600 : 400));
        painter->setPen(index.column() == ClassColumn::Rows     ? theme().ink2
                        : index.column() == ClassColumn::Change ? theme().text(row.change.tone)
                                                                : theme().ink);
        const QRect area =
            option.rect.adjusted(name ? px(16) : 0, 0, index.column() == ClassColumn::Change ? -px(16) : 0, 0);
        QString text = index.data().toString();
        if (name)
            text = painter->fontMetrics().elidedText(text, Qt::ElideMiddle, area.width() - px(4));
        painter->drawText(area, (name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, text);
        painter->restore();
    }

private:
    const std::vector<present::ClassRow>* m_rows;
};

} // namespace

ClassesCard::ClassesCard(QWidget* parent)
    : Card(parent), m_view(new QTableView(this)), m_model(new ChartTableModel(this)) {
    body()->setContentsMargins(0, 0, 0, 2);
    m_view->setObjectName(QStringLiteral("classesTable"));
    m_view->setAccessibleName(tr("Classes"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new ClassesDelegate(&m_rows, m_view));
    prepareTable(*m_view, px(kClassRow), px(kClassHeader));
    body()->addWidget(m_view, 1);
}

void ClassesCard::setCards(const present::ClassCards& cards) {
    setTitle(cards.title);
    setRightNote(cards.note);
    m_rows = cards.rows;
    ChartTable table;
    table.headers = {tr("Class"),     tr("Rows"),
                     tr("Precision"), tr("Recall"),
                     tr("F1"),        cards.baseline.empty() ? QString() : tr("vs %1").arg(toQString(cards.baseline))};
    table.rightPadding = px(16);
    for (const auto& row : m_rows)
        table.rows.append({QString::fromStdString(row.name), toQString(row.rows), toQString(row.precision),
                           toQString(row.recall), toQString(row.f1), toQString(row.change.text)});
    m_model->setTable(table);
    sizeColumns();
}

void ClassesCard::sizeColumns() {
    const int rate = px(kRateColumn);
    const int rest = m_view->viewport()->width() - rate * (ClassColumn::Count - 1);
    m_view->setColumnWidth(ClassColumn::Name, std::max(px(100), rest));
    for (int column = ClassColumn::Rows; column < ClassColumn::Count; ++column)
        m_view->setColumnWidth(column, rate);
}

void ClassesCard::resizeEvent(QResizeEvent* event) {
    Card::resizeEvent(event);
    sizeColumns();
}

} // namespace perch::widgets
