#pragma once

#include <QStyledItemDelegate>

namespace perch::widgets {

class FleetModel;

/// Draws every column of the fleet table from its FleetRow: two lines of words and numbers, weight bar, spark line,
/// bullet, replica squares and the state chip. Knows tokens and geometry, no rule.
class FleetDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    FleetDelegate(const FleetModel& model, QObject* parent);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

    /// Width of a column in pixels at 100 %.
    static int columnWidth(int column);

private:
    const FleetModel& m_model;
};

} // namespace perch::widgets
