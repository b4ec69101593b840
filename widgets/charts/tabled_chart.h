#pragma once

#include "widgets/charts/chart_table.h"

#include <QWidget>

class QStackedLayout;
class QTableView;

namespace perch::widgets {

/// What every chart can do: be shown as a table (Ctrl+T or its menu), be copied as CSV (Ctrl+C), take the focus and
/// say its summary to a screen reader. The subclass paints the plot and gives the numbers.
class TabledChart : public QWidget {
    Q_OBJECT
public:
    explicit TabledChart(QWidget* parent = nullptr);
    virtual ChartTable table() const = 0;
    bool tableShown() const;
    void setTableShown(bool shown);
    void copyCsv() const;

protected:
    void setPlot(QWidget* plot); ///< takes ownership
    void dataChanged(const QString& summary);
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeTableView();

    QStackedLayout* m_pages;
    QWidget* m_plot = nullptr;
    QTableView* m_view = nullptr;
    ChartTableModel* m_model = nullptr;
};

/// Ctrl+T on a page: the chart that has the focus, or all of the page when none has.
void toggleTables(QWidget* page);

} // namespace perch::widgets
