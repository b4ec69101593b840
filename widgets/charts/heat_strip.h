#pragma once

#include "core/present/model_screen.h"
#include "widgets/charts/tabled_chart.h"

namespace perch::widgets {

/// Drift of each feature over time: one row per feature, one cell per time slice colored by the drift ramp, a dot in
/// cells over the limit, the last value at the right. Up and Down move through the rows and say each one's story.
class HeatStripChart : public TabledChart {
    Q_OBJECT
public:
    explicit HeatStripChart(QWidget* parent = nullptr);
    void setStrip(const present::HeatStrip& strip);
    ChartTable table() const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    void setWide();                             ///< cells fill the width, rows are higher and leave room for a frame
    void setSelected(const QString& feature);   ///< its row has a frame; empty: none
    int current() const { return m_current; } ///< the row that Up and Down are at; -1 before that

Q_SIGNALS:
    void rowChosen(const QString& feature); ///< by a key or the mouse

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    void choose(int row);

    class Plot;
    Plot* m_plot;
    present::HeatStrip m_data;
    int m_current = -1;
    bool m_wide = false;
    QString m_selected;
};

/// The lower ends of the six levels of a cell, lightest first.
const QStringList& driftLevelWords();

} // namespace perch::widgets
