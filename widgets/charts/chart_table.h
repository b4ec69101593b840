#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>

namespace perch::widgets {

/// The numbers behind a chart, as people read them: shown by Ctrl+T, copied as CSV, read by screen readers.
struct ChartTable {
    QStringList headers;
    QList<QStringList> rows;              ///< each as long as `headers`; a gap is an empty cell
    QList<Qt::Alignment> alignments = {}; ///< of the columns; missing: the first is left, the others right
    int rightPadding = 0;                 ///< of the last header, in pixels
};

/// RFC 4180 with LF. Text that a spreadsheet would run as a formula gets an apostrophe in front; numbers do not.
QString toCsv(const ChartTable& table);

/// Read-only model of a ChartTable. Numbers are right aligned.
class ChartTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Role { RightPaddingRole = Qt::UserRole }; ///< of headers, for TableHeader
    using QAbstractTableModel::QAbstractTableModel;
    void setTable(ChartTable table);
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    ChartTable m_table;
};

} // namespace perch::widgets
