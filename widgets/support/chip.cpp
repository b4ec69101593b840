#include "widgets/support/chip.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

namespace perch::widgets {

namespace {

RunStyle chipStyle(const present::Chip& value) {
    RunStyle style;
    style.size = Size::Secondary;
    style.weight = 500;
    style.color = theme().text(value.state);
    style.monoArguments = false;
    if (value.state == present::State::NoData || value.state == present::State::SourceDown ||
        value.state == present::State::Paused)
        style.color = theme().ink2;
    return style;
}

} // namespace

Chip::Chip(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Chip::setValue(const present::Chip& value) {
    m_value = value;
    setToolTip(toQString(value.word));
    setAccessibleName(toQString(value.word));
    updateGeometry();
    update();
}

QSize Chip::sizeHint() const {
    return m_value.word.empty() ? QSize(0, px(24)) : sizeOf(m_value);
}

QSize Chip::sizeOf(const present::Chip& value) {
    return {px(7 + 16 + 5 + 10) + runsWidth(value.word, chipStyle(value)), px(24)};
}

void Chip::paint(QPainter& painter, const QPoint& topLeft, const present::Chip& value) {
    const Theme& t = theme();
    const QSize size = sizeOf(value);
    const QRectF box(topLeft, size);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const bool dashed = t.dashed(value.state);
    paintBox(painter, box, size.height() / 2.0, t.background(value.state), dashed ? t.text(value.state) : QColor(),
        Qt::CustomDashLine);
    const double glyph = px(14);
    paintGlyph(painter, QRectF(box.left() + px(8), box.center().y() - glyph / 2, glyph, glyph), value.state,
        t.text(value.state));
    const QRect words(topLeft.x() + px(27), topLeft.y(), size.width() - px(27), size.height());
    paintRuns(painter, words, value.word, chipStyle(value));
    painter.restore();
}

void Chip::paintEvent(QPaintEvent*) {
    if (m_value.word.empty())
        return;
    QPainter painter(this);
    paint(painter, QPoint(0, (height() - px(24)) / 2), m_value);
}

} // namespace perch::widgets
