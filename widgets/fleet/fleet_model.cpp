#include "widgets/fleet/fleet_model.h"

#include "widgets/charts/chart_table.h"
#include "widgets/support/text.h"

#include <algorithm>

namespace perch::widgets {

void FleetModel::setRows(std::vector<present::FleetRow> rows) {
    m_all = std::move(rows);
    setFilter(m_filter);
}

void FleetModel::setFilter(present::FleetFilter filter) {
    m_filter = filter;
    std::vector<present::FleetRow> wanted;
    for (const present::FleetRow& row : m_all) {
        if (present::matches(row, filter))
            wanted.push_back(row);
    }
    show(std::move(wanted));
}

/// Both lists are sorted by name: rows that went are removed, new ones inserted, the others change in place.
void FleetModel::show(std::vector<present::FleetRow> wanted) {
    std::sort(wanted.begin(), wanted.end(), [](auto& a, auto& b) { return a.model < b.model; });
    std::size_t at = 0;
    for (present::FleetRow& row : wanted) {
        while (at < m_shown.size() && m_shown[at].model < row.model) {
            beginRemoveRows({}, static_cast<int>(at), static_cast<int>(at));
            m_shown.erase(m_shown.begin() + static_cast<std::ptrdiff_t>(at));
            endRemoveRows();
        }
        if (at < m_shown.size() && m_shown[at].model == row.model) {
            m_shown[at] = std::move(row);
            Q_EMIT dataChanged(index(static_cast<int>(at), 0), index(static_cast<int>(at), kColumns - 1));
        } else {
            beginInsertRows({}, static_cast<int>(at), static_cast<int>(at));
            m_shown.insert(m_shown.begin() + static_cast<std::ptrdiff_t>(at), std::move(row));
            endInsertRows();
        }
        ++at;
    }
    if (at < m_shown.size()) {
        beginRemoveRows({}, static_cast<int>(at), static_cast<int>(m_shown.size()) - 1);
        m_shown.erase(m_shown.begin() + static_cast<std::ptrdiff_t>(at), m_shown.end());
        endRemoveRows();
    }
}

int FleetModel::indexOf(const ModelName& model) const {
    const auto found = std::find_if(m_shown.begin(), m_shown.end(), [&](auto& row) { return row.model == model; });
    return found == m_shown.end() ? -1 : static_cast<int>(found - m_shown.begin());
}

int FleetModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_shown.size());
}

int FleetModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QVariant FleetModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const present::FleetRow& r = row(index.row());
    if (role == Qt::AccessibleTextRole)
        return toQString(r.accessible);
    const auto cell = [&](const present::Cell& value) {
        return toQString(role == Qt::ToolTipRole ? value.tooltip : value.text);
    };
    if (role == Qt::TextAlignmentRole && index.column() == Age)
        return static_cast<int>(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (index.column()) {
    case Name: return role == Qt::ToolTipRole ? toQString(r.task) : QString::fromStdString(r.model.text());
    case Stable: return r.stable ? QString::fromStdString(r.stable->text()) : QStringLiteral("none");
    case Candidate: return toQString(role == Qt::ToolTipRole ? r.candidate.real : r.candidate.weight);
    case Accuracy: return cell(r.accuracy);
    case Drift: return cell(r.drift.value);
    case P99: return cell(r.p99);
    case Errors: return cell(r.errors);
    case ReplicaSquares: return cell(r.replicasReady);
    case State: return toQString(r.state.word);
    case Age: return cell(r.dataAge);
    default: return {};
    }
}

QVariant FleetModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(section == Age ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role == ChartTableModel::RightPaddingRole)
        return section == Age ? px(16) : 0;
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name: return tr("Model");
    case Stable: return tr("Stable");
    case Candidate: return tr("Canary and weight");
    case Accuracy: return tr("Live accuracy");
    case Drift: return tr("Input drift / limit");
    case P99: return tr("p99 latency");
    case Errors: return tr("Errors");
    case ReplicaSquares: return tr("Replicas");
    case State: return tr("State");
    case Age: return tr("Data age");
    default: return {};
    }
}

} // namespace perch::widgets
