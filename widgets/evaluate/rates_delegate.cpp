#include "widgets/evaluate/rates_delegate.h"

#include "widgets/support/fonts.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

void RatesDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    if (option.state & QStyle::State_Selected)
        painter->fillRect(option.rect, theme().sel);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
    const bool name = index.column() == 0, last = index.column() == index.model()->columnCount() - 1;
    painter->setFont(textFont(Size::Secondary, Face::Mono, index.column() == m_bold ? 600 : 400));
    painter->setPen(index.column() == m_muted ? theme().ink2
                    : last                    ? theme().text(m_tones[static_cast<std::size_t>(index.row())])
                                              : theme().ink);
    const QRect area = option.rect.adjusted(name ? px(16) : 0, 0, last ? -px(16) : 0, 0);
    QString text = index.data().toString();
    if (name)
        text = painter->fontMetrics().elidedText(text, Qt::ElideMiddle, area.width() - px(4));
    painter->drawText(area, (name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, text);
    painter->restore();
}

} // namespace perch::widgets
