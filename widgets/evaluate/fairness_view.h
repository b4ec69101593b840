#pragma once

#include "core/present/fairness_card.h"
#include "widgets/charts/tabled_chart.h"

namespace perch::widgets {

/// The selection rate of each group as a dot with its interval, on one axis.
class FairnessView : public TabledChart {
    Q_OBJECT
public:
    explicit FairnessView(QWidget* parent = nullptr);
    void setCard(const present::FairnessCard& card);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {px220(), sizeHint().height()}; }

private:
    static int px220();
    class Plot;
    Plot* m_plot;
    present::FairnessCard m_card;
};

} // namespace perch::widgets
