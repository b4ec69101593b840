#pragma once

#include "core/present/gates.h"

#include <QAbstractTableModel>

namespace perch::widgets {

/// The gates as rows: glyph, name, now, limit, verdict. Required ones first, then a heading row, then advisory ones.
class GatesModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Glyph, Name, Now, Limit, Verdict, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;
    void setTable(const present::GateTable& table);
    const present::GateRow* rowAt(int row) const; ///< null for the heading
    int headingRow() const { return m_heading; }  ///< -1: there is none
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    present::GateTable m_table;
    int m_heading = -1;
};

} // namespace perch::widgets
