#pragma once

#include "core/present/fleet_screen.h"

#include <QAbstractTableModel>

namespace perch::widgets {

/// The rows of the fleet table that pass the filter. Rows come sorted by name; setRows keeps those that stay, so that
/// selection and scroll position survive new snapshots.
class FleetModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Stable, Candidate, Accuracy, Drift, P99, Errors, ReplicaSquares, State, Age, kColumns };

    using QAbstractTableModel::QAbstractTableModel;
    void setRows(std::vector<present::FleetRow> rows);
    void setFilter(present::FleetFilter filter);
    const present::FleetRow& row(int index) const { return m_shown[static_cast<std::size_t>(index)]; }
    int indexOf(const ModelName& model) const; ///< -1 if it is not shown

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void show(std::vector<present::FleetRow> wanted);

    std::vector<present::FleetRow> m_all;
    std::vector<present::FleetRow> m_shown;
    present::FleetFilter m_filter = present::FleetFilter::All;
};

} // namespace perch::widgets
