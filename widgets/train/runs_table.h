#pragma once

#include "core/present/train_screen.h"

#include <QTableView>

namespace perch::widgets {

class ChartTableModel;

/// The trainings of a model, newest first. Enter or a double click shows one, Space or a click on its box lays its
/// curve over the one that is shown.
class RunsTable : public QTableView {
    Q_OBJECT
public:
    explicit RunsTable(QWidget* parent = nullptr);
    void setRuns(const std::vector<present::RunRow>& runs, const Text& metricHead);

Q_SIGNALS:
    void shown(const QString& run);
    void comparedToggled(const QString& run);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void sizeColumns();
    const present::RunRow* at(const QModelIndex& index) const;

    std::vector<present::RunRow> m_runs;
    ChartTableModel* m_model;
};

} // namespace perch::widgets
