#pragma once

#include "widgets/charts/reduction.h"
#include "widgets/charts/tabled_chart.h"

#include <QPen>
#include <QRectF>

class QChart;
class QChartView;
class QGraphicsItem;
class QLineSeries;
class QValueAxis;

namespace perch::widgets {

/// A chart of lines over two axes: Qt Charts paints the lines and nothing else; one item under them and one over them
/// paint the rest of the subclass. Lays out anew when size, theme or scale change.
class PlotChart : public TabledChart {
    Q_OBJECT
public:
    explicit PlotChart(QWidget* parent = nullptr);

protected:
    QChart* chart() const { return m_chart; } ///< the parent of the items that the subclass paints with
    void setLayers(QGraphicsItem& under, QGraphicsItem& over);
    QRectF whole() const;                     ///< the room for plot and words
    QWidget* viewport() const;
    /// Puts the plot there and maps these ranges to it.
    void place(const QRectF& plot, double left, double right, double low, double high);
    void beginLines();
    void addLine(const Segment& segment, const QPen& pen);
    void endLines();

    virtual void rebuild() = 0;               ///< lays out and draws everything
    virtual void showFocus(bool shown) = 0;   ///< the ring
    virtual void pointed(double x) { (void)x; } ///< the mouse is there; -1: it left

    void changeEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QChart* m_chart;
    QChartView* m_view;
    QValueAxis *m_x, *m_y;
    QList<QLineSeries*> m_series; ///< one per segment, used again from one update to the next
    qsizetype m_used = 0;
};

} // namespace perch::widgets
