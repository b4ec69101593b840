#pragma once

#include "core/present/drift_screen.h"

#include <QStyledItemDelegate>

namespace perch::widgets {

struct RankedColumn {
    enum Index { Rank, Feature, Weight, Score, Shape, Test, Statistic, P, Effect, Verdict, ColumnCount };
};

/// Paints the rows of the ranked table.
class RankedDelegate : public QStyledItemDelegate {
public:
    RankedDelegate(const std::vector<present::DriftRow>* rows, QObject* parent);
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;

private:
    const std::vector<present::DriftRow>* m_rows;
};

} // namespace perch::widgets
