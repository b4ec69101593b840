#pragma once

#include <QStyledItemDelegate>

namespace perch::widgets {

class AuditModel;

/// Draws one cell of the audit table: numbers, ids and hashes in mono, the result with its glyph.
class AuditDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    AuditDelegate(const AuditModel& model, QObject* parent);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    const AuditModel& m_model;
};

} // namespace perch::widgets
