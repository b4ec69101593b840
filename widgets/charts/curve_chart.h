#pragma once

#include "core/present/evaluate_screen.h"
#include "widgets/charts/tabled_chart.h"

class QChart;
class QChartView;
class QLineSeries;
class QValueAxis;

namespace perch::widgets {

class CurveOverlay;

/// ROC, precision and recall, or calibration: both axes from 0 to 1, curves of candidate and baseline, the ring of the
/// operating point, a dashed level or diagonal, and the legend in whichever corner the curves leave free.
class CurveChart : public TabledChart {
    Q_OBJECT
public:
    explicit CurveChart(QWidget* parent = nullptr);
    ~CurveChart() override;
    void setCard(const present::CurveCard& card);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void changeEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void rebuild();
    void drawCurves(const QRectF& plot);

    present::CurveCard m_data;
    QChart* m_chart;
    QChartView* m_view;
    QValueAxis* m_x;
    QValueAxis* m_y;
    QList<QLineSeries*> m_series;
    std::unique_ptr<CurveOverlay> m_under;
    std::unique_ptr<CurveOverlay> m_over;
};

} // namespace perch::widgets
