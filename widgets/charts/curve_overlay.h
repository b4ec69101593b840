#pragma once

#include "core/present/curve_card.h"

#include <QGraphicsItem>

namespace perch::widgets {

/// Where the plot of a curve chart lies, and which ranges it maps.
struct CurveLayout {
    QRectF whole;
    QRectF plot;
    present::Axis x{0, 1, 0.2}, y{0, 1, 0.2};
    QPointF map(const present::CurvePoint& point) const {
        return {plot.left() + (point.x - x.low) / (x.high - x.low) * plot.width(),
            plot.bottom() - (point.y - y.low) / (y.high - y.low) * plot.height()};
    }
};

CurveLayout layOutCurves(const present::CurveCard& card, const QRectF& whole);

/// The corner of the plot in which a box of `size` covers the fewest of `points`; ties go to the bottom right.
QRectF freeCorner(const QRectF& plot, const QSizeF& size, const QList<QPointF>& points);

/// Under the lines: gridlines, hatch, level and diagonal. Over them: ticks, uprights, markers, rings and the legend or
/// the words at the ends.
class CurveOverlay : public QGraphicsItem {
public:
    enum class Layer { Under, Over };
    CurveOverlay(Layer layer, QGraphicsItem* parent);
    void set(const present::CurveCard* card, const CurveLayout& layout);
    /// The card has other rings than `before` and else the same: only where they were and are is painted.
    void marksMoved(const present::CurveCard& before);
    void setFocused(bool focused);
    QRectF boundingRect() const override { return m_layout.whole; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) override;

private:
    void paintGrid(QPainter& painter) const;
    void paintTicks(QPainter& painter) const;
    void paintLevel(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;
    struct Legend {
        QList<std::pair<QString, QColor>> rows;
        QList<present::Tone> markers;
        double indent = 0;
        QRectF box;
    };
    Legend layOutLegend() const;
    void paintLegend(QPainter& painter) const;
    void paintHatch(QPainter& painter) const;
    void paintUprights(QPainter& painter) const;
    void paintEnds(QPainter& painter) const;

    Layer m_layer;
    const present::CurveCard* m_card = nullptr;
    CurveLayout m_layout;
    Legend m_legend;
    bool m_focused = false;
};

/// Calibration and fairness: a circle for the candidate, a square for the baseline.
void paintMarker(QPainter& painter, const QPointF& center, present::Tone tone, double size);

} // namespace perch::widgets
