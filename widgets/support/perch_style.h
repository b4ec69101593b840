#pragma once

#include <QProxyStyle>

namespace perch::widgets {

/// Fusion with the look of the design language: radius 4, one-pixel borders from tokens, a focus ring of 2 px inside
/// the control's own bounds, slim scroll bars, no shadows and no gradients. No per-widget style sheets anywhere.
class PerchStyle : public QProxyStyle {
    Q_OBJECT
public:
    PerchStyle();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
        const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
        const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
        const QWidget* widget) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
        QStyleHintReturn* data) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
        const QWidget* widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
        const QWidget* widget) const override;
};

/// A widget has the focus, and the person moves it by keyboard: a click draws no ring.
bool showsFocus(const QWidget& widget);

/// The focus ring: 2 px accent, inside `area`.
void paintFocusRing(QPainter& painter, const QRectF& area, double radius = 4);

/// A rectangle with a crisp 1 px border and a radius.
void paintBox(QPainter& painter, const QRectF& area, double radius, const QColor& fill, const QColor& border,
    Qt::PenStyle borderStyle = Qt::SolidLine);

/// Sets style, palette and font of the application from the theme and scale; called again after either changes.
void applyLook();

} // namespace perch::widgets
