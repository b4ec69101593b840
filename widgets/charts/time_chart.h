#pragma once

#include "core/present/chart.h"
#include "widgets/charts/plot_chart.h"

#include <QRectF>

#include <memory>
#include <optional>

namespace perch::widgets {

class TimeUnderlay;
class TimeOverlay;

/// A chart of live series over time, drawn as a present::Chart says: Qt Charts paints gridlines and lines (thinned to
/// the width of the plot, gaps never bridged), two overlay items paint bands and hatches under them and labels,
/// limit, flags and the cursor over them. Left and Right move the cursor from sample to sample.
class TimeChart : public PlotChart {
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
    void rebuild() override;
    void showFocus(bool shown) override;
    void pointed(double x) override; ///< the cursor goes to the sample there

private:
    void drawLines(const QRectF& plot);
    void moveCursor(int samples);

    present::Chart m_data;
    std::unique_ptr<TimeUnderlay> m_under;
    std::unique_ptr<TimeOverlay> m_over;
    std::optional<SystemTime> m_cursor;
};

} // namespace perch::widgets
