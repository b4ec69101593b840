#pragma once

#include "core/present/chart.h"

#include <QGraphicsItem>
#include <QMargins>

#include <optional>

namespace perch::widgets {

/// Where the parts of a time chart lie, in the coordinates of the chart item.
struct TimeLayout {
    QRectF whole;
    QRectF plot;
    double low = 0, high = 1;
    SystemTime start{}, end{};

    double x(SystemTime at) const;
    double y(double value) const;
};

/// Room around the plot for these words; its edges lie on the middle of a pixel, so that gridlines are sharp.
TimeLayout layOut(const present::Chart& chart, const QRectF& whole);

/// A QChart draws half a pixel inside its margins, so that a line at the edge is not cut.
inline constexpr double kInset = 0.5;

/// The margins that give a QChart without decoration this plot.
QMargins marginsOf(const QRectF& whole, const QRectF& plot);

/// `94 %`
QString tickText(const present::Chart& chart, double value);
/// `92.6 %`, for the cursor and the table
QString valueText(const present::Chart& chart, double value);

/// Gridlines, bands and hatches: under the lines.
class TimeUnderlay : public QGraphicsItem {
public:
    using QGraphicsItem::QGraphicsItem;
    void set(const present::Chart* chart, const TimeLayout& layout);
    QRectF boundingRect() const override { return m_layout.whole; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override;

private:
    const present::Chart* m_chart = nullptr;
    TimeLayout m_layout;
};

/// Ticks, limit, flags, end labels, footnotes and the cursor: over the lines.
class TimeOverlay : public QGraphicsItem {
public:
    using QGraphicsItem::QGraphicsItem;
    void set(const present::Chart* chart, const TimeLayout& layout);
    void setCursor(std::optional<SystemTime> cursor);
    void setFocused(bool focused);
    QRectF boundingRect() const override { return m_layout.whole; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*) override;

private:
    void paintTicks(QPainter& painter) const;
    void paintLimit(QPainter& painter) const;
    void paintEvents(QPainter& painter) const;
    void paintEnds(QPainter& painter) const;
    void paintFootnotes(QPainter& painter) const;
    void paintCursor(QPainter& painter) const;
    void paintReadout(QPainter& painter, double x, const QStringList& rows, const QList<QColor>& colors) const;
    void paintEmpty(QPainter& painter) const;

    const present::Chart* m_chart = nullptr;
    TimeLayout m_layout;
    std::optional<SystemTime> m_cursor;
    bool m_focused = false;
};

} // namespace perch::widgets
