#pragma once

#include "core/present/evaluate_screen.h"
#include "widgets/charts/tabled_chart.h"

namespace perch::widgets {

/// Importance of each feature: a bar for the candidate, a tick for the baseline, the value at the right.
class BarListChart : public TabledChart {
    Q_OBJECT
public:
    explicit BarListChart(QWidget* parent = nullptr);
    void setRows(const std::vector<present::BarRow>& rows, const Text& emptyText);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    class Plot;
    Plot* m_plot;
    std::vector<present::BarRow> m_rows;
    Text m_emptyText;
};

} // namespace perch::widgets
