#pragma once

#include "core/present/class_cards.h"
#include "widgets/charts/tabled_chart.h"

namespace perch::widgets {

/// Who is taken for whom: one row for each true class, one column for each answer. A cell is tinted by its share of the
/// row, the right answers in the candidate's color, the wrong ones in that of a warning; its count is left out where it
/// does not fit, never cut. Tooltips and the table have every number.
class ClassMatrix : public TabledChart {
    Q_OBJECT
public:
    explicit ClassMatrix(QWidget* parent = nullptr);
    void setCards(const present::ClassCards& cards);
    ChartTable table() const override;

private:
    class Plot;
    Plot* m_matrix;
    present::ClassCards m_cards;
};

} // namespace perch::widgets
