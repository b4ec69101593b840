#include "widgets/charts/table_look.h"

#include "widgets/charts/chart_table.h"
#include "widgets/support/fonts.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QTableView>

namespace perch::widgets {

TableHeader::TableHeader(int height, QWidget* parent) : QHeaderView(Qt::Horizontal, parent), m_height(height) {
    setSectionsClickable(false);
    setHighlightSections(false);
    setMinimumSectionSize(1);
    setFixedHeight(height);
}

QSize TableHeader::sizeHint() const {
    return {QHeaderView::sizeHint().width(), m_height};
}

void TableHeader::paintSection(QPainter* painter, const QRect& rect, int section) const {
    painter->save();
    painter->fillRect(rect, theme().raised);
    painter->fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), theme().line);
    painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme().line);
    painter->setFont(textFont(Size::Caption, Face::Words, 600));
    painter->setPen(theme().ink2);
    const Qt::Alignment side(model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).toInt());
    const bool right = side & Qt::AlignRight, center = side & Qt::AlignHCenter;
    const int padding = model()->headerData(section, Qt::Horizontal, ChartTableModel::RightPaddingRole).toInt();
    const int left = visualIndex(section) == 0 ? px(16) : right || center ? 0 : px(8);
    painter->drawText(rect.adjusted(left, 0, -padding, 0),
        (right       ? Qt::AlignRight
            : center ? Qt::AlignHCenter
                     : Qt::AlignLeft) |
            Qt::AlignVCenter | Qt::TextSingleLine,
        model()->headerData(section, Qt::Horizontal).toString());
    painter->restore();
}

void prepareTable(QTableView& view, int rowHeight, int headerHeight) {
    view.setHorizontalHeader(new TableHeader(headerHeight, &view));
    view.setFrameShape(QFrame::NoFrame);
    view.setShowGrid(false);
    view.setCornerButtonEnabled(false);
    view.setEditTriggers(QAbstractItemView::NoEditTriggers);
    view.setSelectionBehavior(QAbstractItemView::SelectRows);
    view.setSelectionMode(QAbstractItemView::SingleSelection);
    view.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view.setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view.setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    view.setTabKeyNavigation(false);
    view.setWordWrap(false);
    view.verticalHeader()->hide();
    view.verticalHeader()->setMinimumSectionSize(1);
    view.verticalHeader()->setDefaultSectionSize(rowHeight);
    view.verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
}

} // namespace perch::widgets
