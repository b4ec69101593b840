#include "widgets/audit/audit_model.h"

#include "widgets/support/text.h"

namespace perch::widgets {

void AuditModel::setRows(std::vector<present::AuditRow> rows) {
    const auto same = [](const present::AuditRow& a, const present::AuditRow& b) { return a.record.hash == b.record.hash; };
    const bool unchanged = rows.size() == m_all.size() && std::equal(rows.begin(), rows.end(), m_all.begin(), same);
    if (unchanged)
        return; // records never change, so the selection is kept
    m_all = std::move(rows);
    show();
}

void AuditModel::setFilter(const std::string& filter) {
    m_filter = filter;
    show();
}

void AuditModel::show() {
    beginResetModel();
    m_shown.clear();
    for (const present::AuditRow& row : m_all) {
        if (present::matches(row, m_filter))
            m_shown.push_back(row);
    }
    endResetModel();
}

int AuditModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int AuditModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QVariant AuditModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const present::AuditRow& r = row(index.row());
    if (role == Qt::ToolTipRole) {
        if (index.column() == Time)
            return toQString(r.fullTime);
        return index.column() == Hash ? QString::fromStdString(r.record.hash) : QString::fromStdString(r.record.summary);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Time: return toQString(r.time);
    case Actor: return QString::fromStdString(r.record.actor.identity);
    case Action: return toQString(r.action);
    case Model: return QString::fromStdString(r.record.model);
    case What: return QString::fromStdString(r.record.summary);
    case Result: return toQString(r.result.text);
    case Hash: return toQString(r.hash);
    default: return {};
    }
}

QVariant AuditModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Time: return tr("Time, UTC");
    case Actor: return tr("Actor");
    case Action: return tr("Action");
    case Model: return tr("Model");
    case What: return tr("What changed");
    case Result: return tr("Result");
    case Hash: return tr("Hash");
    default: return {};
    }
}

} // namespace perch::widgets
