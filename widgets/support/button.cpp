#include "widgets/support/button.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainterPath>

namespace perch::widgets {

namespace {

struct Look {
    QColor fill, border, ink, second;
};

Look lookOf(const Button& button) {
    const Theme& t = theme();
    if (!button.isEnabled())
        return {t.sunken, t.line, t.ink3, t.ink3};
    switch (button.kind()) {
    case Button::Kind::Primary: return {t.accent, t.accent, t.onAccent, t.onAccent};
    case Button::Kind::Production: return {t.prodFill, t.prodFill, t.onProd, t.onProd};
    case Button::Kind::Link: return {QColor(), QColor(), t.accent, t.accent};
    case Button::Kind::Plain: break;
    }
    return {button.underMouse() ? t.raised : t.surface, t.line2, t.ink, t.ink2};
}

RunStyle labelStyle(const QColor& color, bool small) {
    RunStyle style;
    style.size = small ? Size::Secondary : Size::Body;
    style.weight = small ? 500 : 600;
    style.color = color;
    style.monoArguments = false;
    return style;
}

RunStyle secondStyle(const QColor& color) {
    RunStyle style;
    style.size = Size::Caption;
    style.weight = 400;
    style.color = color;
    style.monoArguments = false;
    return style;
}

} // namespace

Button::Button(QWidget* parent) : QAbstractButton(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAttribute(Qt::WA_Hover);
}

void Button::setKind(Kind kind) {
    m_kind = kind;
    update();
}

void Button::setLabel(const Text& label) {
    m_label = label;
    setText(QString());
    setAccessibleName(toQString(label));
    updateGeometry();
    update();
}

void Button::setSecond(const Text& second) {
    m_second = second;
    setAccessibleDescription(toQString(second));
    updateGeometry();
    update();
}

void Button::setGlyph(const QString& name) {
    m_glyph = name;
    updateGeometry();
    update();
}

void Button::setSmall(bool small) {
    m_small = small;
    updateGeometry();
}

void Button::setHeld(double share) {
    m_held = share;
    update();
}

void Button::setProgress(const Text& step) {
    if (!step.empty() && m_progress.empty())
        m_keptWidth = width();
    m_progress = step;
    updateGeometry();
    update();
}

QSize Button::sizeHint() const {
    const bool two = !m_second.empty();
    const int height = px(two ? 48 : m_small ? 24 : 32);
    if (!m_progress.empty() && m_keptWidth > 0)
        return {m_keptWidth, height};
    int width = runsWidth(m_label, labelStyle(theme().ink, m_small));
    if (two)
        width = std::max(width, runsWidth(m_second, secondStyle(theme().ink)));
    const int glyph = m_glyph.isEmpty() ? 0 : m_label.empty() ? px(16) : px(two ? 26 : 24);
    const int padding = m_kind == Kind::Link ? 0 : px(m_small ? 10 : two ? 14 : 12);
    return {width + glyph + 2 * padding, height};
}

void Button::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Look look = lookOf(*this);
    if (look.fill.isValid())
        paintBox(painter, QRectF(rect()), px(4), look.fill, look.border);
    if (isDown() || m_held > 0) {
        QColor shade = look.ink;
        shade.setAlphaF(isDown() && m_held <= 0 ? 0.10F : 0.25F);
        QPainterPath whole;
        whole.addRoundedRect(QRectF(rect()), px(4), px(4));
        painter.save();
        painter.setClipPath(whole);
        painter.fillRect(QRectF(0, 0, m_held > 0 ? width() * m_held : width(), height()), shade);
        painter.restore();
    }
    const bool two = !m_second.empty();
    const int padding = m_kind == Kind::Link ? 0 : px(m_small ? 10 : two ? 14 : 12);
    int x = padding;
    if (!m_glyph.isEmpty()) {
        const double side = px(16);
        const double left = m_label.empty() ? (width() - side) / 2 : x;
        paintGlyph(painter, QRectF(left, (height() - side) / 2, side, side), m_glyph, look.ink);
        x += px(two ? 26 : 24);
    }
    const Text& label = !m_progress.empty() && !two ? m_progress : m_label;
    const Text& second = !m_progress.empty() ? m_progress : m_second;
    const QRect area(x, 0, width() - x - padding, height());
    if (!two) {
        const Qt::Alignment side = m_glyph.isEmpty() ? Qt::AlignHCenter : Qt::AlignLeft;
        paintRuns(painter, area, label, labelStyle(look.ink, m_small), side);
    } else {
        const int middle = height() / 2;
        paintRuns(painter, QRect(area.left(), middle - px(18), area.width(), px(20)), label, labelStyle(look.ink, false));
        paintRuns(painter, QRect(area.left(), middle, area.width(), px(16)), second, secondStyle(look.second));
    }
    if (showsFocus(*this))
        paintFocusRing(painter, QRectF(rect()), px(4));
}

bool Button::event(QEvent* event) {
    if (event->type() == QEvent::EnabledChange || event->type() == QEvent::HoverEnter || event->type() == QEvent::HoverLeave)
        update();
    return QAbstractButton::event(event);
}

Segments::Segments(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Segments::setLabels(const std::vector<Text>& labels) {
    m_labels = labels;
    updateGeometry();
    update();
}

void Segments::setCurrent(int index) {
    if (index == m_current || index < 0 || index >= static_cast<int>(m_labels.size()))
        return;
    m_current = index;
    setAccessibleDescription(toQString(m_labels[static_cast<std::size_t>(index)]));
    update();
}

std::vector<int> Segments::edges() const {
    std::vector<int> result{0};
    for (const Text& label : m_labels)
        result.push_back(result.back() + px(20) + runsWidth(label, labelStyle(theme().ink, true)));
    return result;
}

QSize Segments::sizeHint() const {
    return {edges().back(), px(24)};
}

void Segments::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& t = theme();
    const std::vector<int> x = edges();
    paintBox(painter, QRectF(0, 0, x.back(), height()), px(4), t.surface, t.line2);
    for (std::size_t i = 0; i < m_labels.size(); ++i) {
        const bool chosen = static_cast<int>(i) == m_current;
        if (chosen) {
            QPainterPath whole;
            whole.addRoundedRect(QRectF(1, 1, x.back() - 2, height() - 2), px(3), px(3));
            painter.save();
            painter.setClipPath(whole);
            painter.fillRect(QRect(x[i], 0, x[i + 1] - x[i], height()), t.accentBg);
            painter.restore();
        }
        if (i > 0)
            painter.fillRect(QRectF(x[i], 1, 1, height() - 2), t.line2);
        RunStyle style = labelStyle(chosen ? t.accent : t.ink2, true);
        style.weight = chosen ? 600 : 500;
        paintRuns(painter, QRect(x[i], 0, x[i + 1] - x[i], height()), m_labels[i], style, Qt::AlignHCenter);
    }
    if (showsFocus(*this))
        paintFocusRing(painter, QRectF(0, 0, x.back(), height()), px(4));
}

void Segments::mousePressEvent(QMouseEvent* event) {
    const std::vector<int> x = edges();
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
        if (event->position().x() >= x[i] && event->position().x() < x[i + 1]) {
            setCurrent(static_cast<int>(i));
            Q_EMIT chosen(m_current);
        }
    }
}

void Segments::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    if (step == 0)
        return QWidget::keyPressEvent(event);
    setCurrent(m_current + step);
    Q_EMIT chosen(m_current);
}

} // namespace perch::widgets
