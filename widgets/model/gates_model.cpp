#include "widgets/model/gates_model.h"

#include "widgets/support/text.h"

#include <algorithm>

namespace perch::widgets {

void GatesModel::setTable(const present::GateTable& table) {
    const auto required =
        std::count_if(table.rows.begin(), table.rows.end(), [](const auto& row) { return row.required; });
    const bool mixed = required > 0 && required < static_cast<std::ptrdiff_t>(table.rows.size());
    const int heading = mixed ? static_cast<int>(required) : -1;
    // The same rows with other values keep selection and scroll position.
    if (table.rows.size() == m_table.rows.size() && heading == m_heading) {
        m_table = table;
        if (rowCount() > 0)
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        Q_EMIT headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
        return;
    }
    beginResetModel();
    m_table = table;
    m_heading = heading;
    endResetModel();
}

const present::GateRow* GatesModel::rowAt(int row) const {
    if (row < 0 || row == m_heading)
        return nullptr;
    const auto index = static_cast<std::size_t>(m_heading >= 0 && row > m_heading ? row - 1 : row);
    return index < m_table.rows.size() ? &m_table.rows[index] : nullptr;
}

int GatesModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_table.rows.size()) + (m_heading >= 0 ? 1 : 0);
}

int GatesModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant GatesModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const present::GateRow* row = rowAt(index.row());
    if (row == nullptr) {
        const bool words = role == Qt::DisplayRole || role == Qt::AccessibleTextRole;
        return words && index.column() == Name ? QVariant(tr("Advisory, does not block")) : QVariant();
    }
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole) {
        const QString story = toQString(row->reason.empty() ? row->now.tooltip : row->reason);
        return QStringLiteral("%1 %2, %3. %4")
            .arg(toQString(row->name), toQString(row->now.text), toQString(row->word), story);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Name:
        return toQString(row->name);
    case Now:
        return toQString(row->now.text);
    case Limit:
        return toQString(row->limit);
    case Verdict:
        return toQString(row->word);
    default:
        return {};
    }
}

QVariant GatesModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(
            section == Now || section == Limit ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return toQString(m_table.heading);
    case Now:
        return tr("Now");
    case Limit:
        return tr("Limit");
    case Verdict:
        return tr("Verdict");
    default:
        return QString();
    }
}

} // namespace perch::widgets
