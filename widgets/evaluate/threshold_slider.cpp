#include "widgets/evaluate/threshold_slider.h"

#include "core/base/number_format.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace perch::widgets {

namespace {
constexpr double kCurve = 26, kTrack = 16, kWords = 16, kKnob = 7; ///< pixels at 100 %
}

ThresholdSlider::ThresholdSlider(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Decision threshold"));
}

void ThresholdSlider::setValue(double threshold, const std::vector<present::CurvePoint>& curve, const Text& note) {
    m_value = threshold;
    m_curve = curve;
    m_note = note;
    setAccessibleDescription(
        QString::fromStdString(formatDecimal(threshold, 2)) + QStringLiteral(", ") + toQString(note));
    update();
}

QSize ThresholdSlider::sizeHint() const {
    return {px(220), px(kCurve) + px(kTrack) + px(kWords)};
}

QRectF ThresholdSlider::track() const {
    return QRectF(px(kKnob), px(kCurve) + px(kTrack) / 2.0, width() - 2 * px(kKnob), 0);
}

void ThresholdSlider::step(double by) {
    moveTo(m_value + by);
}

void ThresholdSlider::moveTo(double threshold) {
    const double next = std::clamp(std::round(threshold * 100) / 100, 0.0, 1.0);
    if (std::fabs(next - m_value) < 1e-9)
        return;
    m_value = next;
    update();
    Q_EMIT moved(next);
}

void ThresholdSlider::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton)
        moveTo((event->position().x() - track().left()) / track().width());
}

void ThresholdSlider::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton)
        moveTo((event->position().x() - track().left()) / track().width());
}

void ThresholdSlider::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
        return step(-0.01);
    case Qt::Key_Right:
        return step(0.01);
    case Qt::Key_PageDown:
        return step(-0.1);
    case Qt::Key_PageUp:
        return step(0.1);
    case Qt::Key_Home:
        return moveTo(0);
    case Qt::Key_End:
        return moveTo(1);
    default:
        QWidget::keyPressEvent(event);
    }
}

void ThresholdSlider::paintCurve(QPainter& painter, const QRectF& area) const {
    QPolygonF line;
    for (const auto& point : m_curve)
        line.append({area.left() + point.x * area.width(), area.bottom() - point.y * area.height()});
    painter.setPen(QPen(theme().ink3, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(line);
    const auto best =
        std::max_element(m_curve.begin(), m_curve.end(), [](const auto& a, const auto& b) { return a.y < b.y; });
    if (best == m_curve.end())
        return;
    const double x = area.left() + best->x * area.width();
    painter.setPen(QPen(theme().pass, 2));
    painter.drawLine(QPointF(x, area.bottom() + 1), QPointF(x, area.bottom() + px(6)));
}

void ThresholdSlider::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF line = track();
    paintCurve(painter, QRectF(line.left(), 2, line.width(), px(kCurve) - px(8)));
    const double x = line.left() + m_value * line.width(), y = line.top();
    painter.setPen(QPen(theme().line2, 3, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(line.topLeft(), line.topRight());
    painter.setPen(QPen(theme().accent, 3, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(line.topLeft(), QPointF(x, y));
    painter.setPen(QPen(theme().accent, 2));
    painter.setBrush(theme().surface);
    painter.drawEllipse(QPointF(x, y), px(kKnob) - 0.5, px(kKnob) - 0.5);
    const QRect words(px(2), height() - px(kWords), width() - px(4), px(kWords));
    painter.setFont(textFont(Size::Caption, Face::Mono));
    painter.setPen(theme().ink3);
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("0.0"));
    painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("1.0"));
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().ink2;
    paintRuns(painter, words.adjusted(px(26), 0, -px(26), 0), m_note, style, Qt::AlignHCenter);
    if (showsFocus(*this))
        paintFocusRing(painter, QRectF(rect()), px(4));
}

} // namespace perch::widgets
