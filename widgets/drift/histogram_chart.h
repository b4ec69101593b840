#pragma once

#include "core/present/drift_screen.h"
#include "widgets/charts/tabled_chart.h"

namespace perch::widgets {

/// Both distributions of one feature: filled bars for the reference, a stepped line for the current rows. Ranges of
/// numbers stand upright with their edges under them, values with names lie, one row each.
class HistogramChart : public TabledChart {
    Q_OBJECT
public:
    explicit HistogramChart(QWidget* parent = nullptr);
    void setHistogram(const present::DriftHistogram& histogram);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

private:
    class Plot;
    Plot* m_plot;
    present::DriftHistogram m_data;
};

/// The same over a small area and without words, for a row of a table.
void paintDistribution(QPainter& painter, const QRectF& area, const std::vector<present::DriftShares>& shape);

/// The colors of both sides: neither a version's nor a verdict's.
QColor referenceColor();
QColor currentColor();

} // namespace perch::widgets
