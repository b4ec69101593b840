#pragma once

#include "core/present/plan_screen.h"

#include <QAbstractTableModel>
#include <QTableView>

namespace perch::widgets {

/// How far the execution of a row has come.
enum class RowProgress { None, Done, Current };

/// What changes: object, field, before, after, who writes it.
class PlanRowsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Object, Field, Before, Arrow, After, Writer, ColumnCount };
    using QAbstractTableModel::QAbstractTableModel;
    void setRows(const std::vector<present::PlanRow>& rows);
    void setProgress(int done, bool running);
    RowProgress progress(int row) const;
    int done() const { return m_done; }
    const present::PlanRow& rowAt(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<present::PlanRow> m_rows;
    int m_done = 0;
    bool m_running = false;
};

/// The rows as a table of its full height: the dialog scrolls, not the table.
class PlanRowsView : public QTableView {
    Q_OBJECT
public:
    explicit PlanRowsView(QWidget* parent = nullptr);
    PlanRowsModel& rows() { return *m_model; }
    void fitHeight();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    PlanRowsModel* m_model;
};

} // namespace perch::widgets
