#pragma once

#include "core/present/evaluate_screen.h"
#include "widgets/support/card.h"

class QTableView;

namespace perch::widgets {

class ChartTableModel;
class RunLabel;

/// Metrics of candidate and baseline with intervals, the change between them on a strip from worse to better, and the
/// uncomfortable fact under the table.
class MetricsCard : public Card {
    Q_OBJECT
public:
    explicit MetricsCard(QWidget* parent = nullptr);
    void setScreen(const present::EvaluateScreen& screen);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void sizeColumns();

    std::vector<present::MetricRow> m_rows;
    QTableView* m_view;
    ChartTableModel* m_model;
    RunLabel* m_summary;
    QWidget* m_foot;
};

} // namespace perch::widgets
