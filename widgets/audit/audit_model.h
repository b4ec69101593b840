#pragma once

#include "core/present/audit_screen.h"

#include <QAbstractTableModel>

namespace perch::widgets {

/// The audit records that match the filter, newest first.
class AuditModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Time, Actor, Action, Model, What, Result, Hash, kColumns };

    using QAbstractTableModel::QAbstractTableModel;
    void setRows(std::vector<present::AuditRow> rows);
    void setFilter(const std::string& filter);
    const present::AuditRow& row(int index) const { return m_shown[static_cast<std::size_t>(index)]; }
    const std::vector<present::AuditRow>& rows() const { return m_shown; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void show();

    std::vector<present::AuditRow> m_all;
    std::vector<present::AuditRow> m_shown;
    std::string m_filter;
};

} // namespace perch::widgets
