#include "widgets/audit/audit_delegate.h"

#include "widgets/audit/audit_model.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

AuditDelegate::AuditDelegate(const AuditModel& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

void AuditDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& t = theme();
    const present::AuditRow& row = m_model.row(index.row());
    const bool selected = option.state & QStyle::State_Selected;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(option.rect, selected ? t.sel : t.surface);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
    if (selected && index.column() == 0)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), px(3), option.rect.height()), t.accent);
    painter->setClipRect(option.rect);
    QRect cell = option.rect.adjusted(index.column() == 0 ? px(16) : px(8), 0, -px(4), 0);
    RunStyle style{Size::Secondary, t.ink2, {}, 0, 0, true};
    Text text = verbatim(index.data().toString().toStdString());
    switch (index.column()) {
    case AuditModel::Actor:
    case AuditModel::Action:
        style.monoArguments = false;
        style.color = t.ink;
        style.argumentWeight = index.column() == AuditModel::Action ? 600 : 400;
        break;
    case AuditModel::Model:
    case AuditModel::What:
        style.monoArguments = false;
        style.color = t.ink;
        break;
    case AuditModel::Result:
        paintGlyph(*painter, QRectF(cell.left(), cell.center().y() - px(6), px(14), px(14)), row.result.state,
            t.text(row.result.state));
        cell.adjust(px(20), 0, 0, 0);
        style.monoArguments = false;
        style.color = t.text(row.result.tone);
        break;
    default: break;
    }
    const QFontMetrics measure(textFont(style.size, style.monoArguments ? Face::Mono : Face::Words));
    if (index.column() == AuditModel::What || index.column() == AuditModel::Actor)
        text = verbatim(measure.elidedText(index.data().toString(), Qt::ElideRight, cell.width()).toStdString());
    paintRuns(*painter, cell, text, style);
    painter->restore();
}

} // namespace perch::widgets
