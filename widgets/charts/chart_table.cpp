#include "widgets/charts/chart_table.h"

#include "widgets/support/fonts.h"

#include <QRegularExpression>

namespace perch::widgets {

namespace {

QString csvCell(QString text) {
    static const QRegularExpression number(QStringLiteral("^[+\\-]?[0-9][0-9.,eE+\\-]*(\\s?\\S{1,5})?$"));
    text.replace(QChar(0x2212), QLatin1Char('-')).replace(QChar(0x00a0), QLatin1Char(' '));
    const bool risky = !text.isEmpty() && QStringLiteral("=+-@\t\r").contains(text.front());
    if (risky && !number.match(text).hasMatch())
        text.prepend(QLatin1Char('\''));
    if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"')) || text.contains(QLatin1Char('\n')) ||
        text.contains(QLatin1Char('\r')))
        text = QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
    return text;
}

Qt::Alignment alignmentOf(const ChartTable& table, int column) {
    const Qt::Alignment standard = column == 0 ? Qt::AlignLeft : Qt::AlignRight;
    return table.alignments.value(column, standard) | Qt::AlignVCenter;
}

QString csvLine(const QStringList& cells) {
    QStringList escaped;
    for (const QString& cell : cells)
        escaped.append(csvCell(cell));
    return escaped.join(QLatin1Char(',')) + QLatin1Char('\n');
}

} // namespace

QString toCsv(const ChartTable& table) {
    QString csv = csvLine(table.headers);
    for (const QStringList& row : table.rows)
        csv += csvLine(row);
    return csv;
}

void ChartTableModel::setTable(ChartTable table) {
    beginResetModel();
    m_table = std::move(table);
    endResetModel();
}

int ChartTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size());
}

int ChartTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.headers.size());
}

QVariant ChartTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    if (role == Qt::DisplayRole)
        return m_table.rows.at(index.row()).value(index.column());
    if (role == Qt::TextAlignmentRole)
        return QVariant(alignmentOf(m_table, index.column()));
    if (role == Qt::FontRole)
        return textFont(Size::Secondary, Face::Mono);
    return {};
}

QVariant ChartTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return m_table.headers.value(section);
    if (role == RightPaddingRole)
        return section == columnCount() - 1 ? m_table.rightPadding : 0;
    if (role == Qt::TextAlignmentRole)
        return QVariant(alignmentOf(m_table, section));
    return {};
}

} // namespace perch::widgets
