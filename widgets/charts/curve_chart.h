#pragma once

#include "core/present/curve_card.h"
#include "widgets/charts/plot_chart.h"

#include <memory>

namespace perch::widgets {

class CurveOverlay;

/// Curves over a number, as a present::CurveCard says. ROC, precision and recall, calibration: candidate and baseline,
/// the ring of the operating point, a dashed level or diagonal, and the legend in whichever corner the curves leave
/// free. Learning curves: words at the ends of the lines, the best round and where the training stops.
class CurveChart : public PlotChart {
    Q_OBJECT
public:
    explicit CurveChart(QWidget* parent = nullptr);
    ~CurveChart() override;
    void setCard(const present::CurveCard& card);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void rebuild() override;
    void showFocus(bool shown) override;

private:
    void drawCurves(const QRectF& plot);

    present::CurveCard m_data;
    std::unique_ptr<CurveOverlay> m_under;
    std::unique_ptr<CurveOverlay> m_over;
};

} // namespace perch::widgets
