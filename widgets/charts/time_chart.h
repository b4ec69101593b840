#pragma once

#include "core/present/chart.h"
#include "widgets/charts/tabled_chart.h"

#include <QRectF>

#include <memory>
#include <optional>

class QChart;
class QChartView;
class QLineSeries;
class QValueAxis;

namespace perch::widgets {

class TimeUnderlay;
class TimeOverlay;

/// A chart of live series over time, drawn as a present::Chart says: Qt Charts paints gridlines and lines (thinned to
/// the width of the plot, gaps never bridged), two overlay items paint bands and hatches under them and labels,
/// limit, flags and the cursor over them. Left and Right move the cursor from sample to sample.
class TimeChart : public TabledChart {
    Q_OBJECT
public:
    explicit TimeChart(QWidget* parent = nullptr);
    ~TimeChart() override;
    void setChart(const present::Chart& chart);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    std::optional<SystemTime> cursor() const { return m_cursor; }

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void rebuild();
    void drawLines(const QRectF& plot);
    void setCursorNear(double x);
    void moveCursor(int samples);

    present::Chart m_data;
    QChart* m_chart;
    QChartView* m_view;
    QValueAxis* m_time;
    QValueAxis* m_value;
    QList<QLineSeries*> m_series; ///< one per segment, used again from one update to the next
    std::unique_ptr<TimeUnderlay> m_under;
    std::unique_ptr<TimeOverlay> m_over;
    std::optional<SystemTime> m_cursor;
};

} // namespace perch::widgets
