#pragma once

#include "core/present/state.h"

#include <QStyledItemDelegate>

#include <vector>

namespace perch::widgets {

/// Rows of rates: a name, elided in its middle, then figures aligned right of which one column is muted, one bold, and
/// the last has a tone in each row.
class RatesDelegate : public QStyledItemDelegate {
public:
    RatesDelegate(int muted, int bold, QObject* parent) : QStyledItemDelegate(parent), m_muted(muted), m_bold(bold) {}

    /// One per row, of its last column.
    void setTones(std::vector<present::Tone> tones) { m_tones = std::move(tones); }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

private:
    int m_muted, m_bold;
    std::vector<present::Tone> m_tones;
};

} // namespace perch::widgets
