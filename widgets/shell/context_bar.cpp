#include "widgets/shell/context_bar.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

namespace perch::widgets {

namespace {

constexpr int kHeight = 52;
constexpr int kControl = 32;
constexpr int kGoTo = 216;
constexpr int kWideEnough = 1400; // below this the field is its glyph only

RunStyle words(const QColor& color, int weight = 0, Size size = Size::Secondary) {
    return {size, color, {}, weight, weight, false};
}

enum class Side { Left, Right };

/// A box that is rounded on one side only: two of them make one control.
void paintHalf(QPainter& painter, const QRectF& box, Side rounded, const QColor& fill, const QColor& border) {
    const QRectF area = box.adjusted(0.5, 0.5, -0.5, -0.5);
    const double radius = px(4);
    QPainterPath round;
    round.addRoundedRect(area, radius, radius);
    QPainterPath square;
    square.addRect(rounded == Side::Left ? area.adjusted(radius, 0, 0, 0) : area.adjusted(0, 0, -radius, 0));
    painter.setPen(QPen(border, 1));
    painter.setBrush(fill);
    painter.drawPath(round.united(square));
}

} // namespace

ContextBar::ContextBar(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("contextBar"));
    setFixedHeight(px(kHeight));
    setFocusPolicy(Qt::StrongFocus);
}

void ContextBar::setValue(const present::ShellScreen& screen) {
    m_screen = screen;
    QString name = toQString(screen.environmentWord) + QStringLiteral(", ") + toQString(screen.context);
    for (const present::ShellScreen::Source& source : screen.sources)
        name += QStringLiteral(". ") + toQString(source.tooltip);
    setAccessibleName(name);
    update();
}

void ContextBar::setBrandWidth(int width) {
    m_brandWidth = width;
    update();
}

QSize ContextBar::sizeHint() const {
    return {px(1000), px(kHeight)};
}

QRect ContextBar::goToRect() const {
    const int field = width() < px(kWideEnough) ? px(kControl) : px(kGoTo);
    return {width() - px(16) - field, (height() - px(kControl)) / 2, field, px(kControl)};
}

void ContextBar::paintBrand(QPainter& painter) const {
    const Theme& t = theme();
    paintGlyph(painter, QRectF(px(16), (height() - px(22)) / 2.0, px(22), px(22)), QStringLiteral("perch"), t.accent);
    if (m_brandWidth > px(100))
        paintRuns(painter, QRect(px(48), 0, px(120), height()), PERCH_TEXT("Shell", "Perch"), words(t.ink, 650, Size::Section));
}

/// The tag says the environment in words; in production it is filled and carries a lock.
int ContextBar::paintTag(QPainter& painter, int x) const {
    const Theme& t = theme();
    using Frame = present::ShellScreen::Frame;
    const bool production = m_screen.frame == Frame::Production;
    const QColor fill = production ? t.prodFill : m_screen.frame == Frame::Staging ? t.warnBg : t.sunken;
    const QColor ink = production ? t.onProd : m_screen.frame == Frame::Staging ? t.warn : t.ink2;
    const QColor border = production ? t.prod : m_screen.frame == Frame::Staging ? t.warnFill : t.line2;
    RunStyle style = words(ink, 700, Size::Caption);
    const int glyph = m_screen.locked ? px(20) : 0;
    const int width = px(12) + glyph + runsWidth(m_screen.environmentWord, style) + px(12);
    const QRectF box(x, (height() - px(kControl)) / 2.0, width, px(kControl));
    paintHalf(painter, box, Side::Left, fill, border);
    if (m_screen.locked)
        paintGlyph(painter, QRectF(x + px(10), (height() - px(14)) / 2.0, px(14), px(14)), QStringLiteral("lock"), ink);
    paintRuns(painter, QRect(x + px(12) + glyph, 0, width, height()), m_screen.environmentWord, style);
    return x + width;
}

int ContextBar::paintContext(QPainter& painter, int x, const Text& name, const Text& value, const QColor& border,
    bool joined) const {
    const Theme& t = theme();
    const RunStyle label = words(t.ink2);
    RunStyle mono{Size::Body, t.ink, {}, 0, 500, true};
    const int nameWidth = runsWidth(name, label);
    const int valueWidth = runsWidth(value, mono);
    const int width = px(12) + nameWidth + px(8) + valueWidth + px(12);
    const QRectF box(x, (height() - px(kControl)) / 2.0, width, px(kControl));
    if (joined) {
        paintHalf(painter, box.adjusted(-1, 0, 0, 0), Side::Right, t.surface, border);
    } else {
        paintBox(painter, box.translated(0, 0), px(4), t.surface, border);
    }
    paintRuns(painter, QRect(x + px(12), 0, nameWidth, height()), name, label);
    paintRuns(painter, QRect(x + px(20) + nameWidth, 0, valueWidth, height()), value, mono);
    return x + width;
}

int ContextBar::sourcesWidth() const {
    int width = 0;
    for (const present::ShellScreen::Source& source : m_screen.sources)
        width += px(20) + runsWidth(source.name, words({}, 500)) + px(5) + runsWidth(source.age, {Size::Secondary, {}, {}, 0, 0, true}) + px(18);
    return width;
}

void ContextBar::paintSources(QPainter& painter, int x, int right) {
    const Theme& t = theme();
    m_tips.clear();
    for (const present::ShellScreen::Source& source : m_screen.sources) {
        const RunStyle name = words(t.ink, 500);
        RunStyle age{Size::Secondary, t.text(source.ageTone), {}, 0, 0, true};
        const int width = px(20) + runsWidth(source.name, name) + px(5) + runsWidth(source.age, age);
        if (x + width > right)
            break;
        const int start = x;
        paintGlyph(painter, QRectF(x, (height() - px(15)) / 2.0, px(15), px(15)), source.state,
            source.state == present::State::SourceDown ? t.fail : t.text(source.state));
        x += px(20);
        x += paintRuns(painter, QRect(x, 0, right - x, height()), source.name, name) + px(5);
        x += paintRuns(painter, QRect(x, 0, right - x, height()), source.age, age);
        m_tips.emplace_back(QRect(start, 0, x - start, height()), toQString(source.tooltip));
        x += px(18);
    }
}

void ContextBar::paintGoTo(QPainter& painter) const {
    const Theme& t = theme();
    const QRect box = goToRect();
    paintBox(painter, QRectF(box), px(4), t.surface, t.line2);
    paintGlyph(painter, QRectF(box.left() + px(box.width() <= px(kControl) ? 9 : 12), box.center().y() - px(7), px(14), px(14)), QStringLiteral("search"), t.ink3);
    if (showsFocus(*this))
        paintFocusRing(painter, QRectF(box), px(4));
    if (box.width() <= px(kControl))
        return;
    paintRuns(painter, box.adjusted(px(34), 0, 0, 0), PERCH_TEXT("Shell", "Go to or run\u2026"), words(t.ink3, 0, Size::Body));
    const RunStyle key{Size::Caption, t.ink2, {}, 0, 0, true};
    const Text shortcut = verbatim("Ctrl+K");
    const int keyWidth = runsWidth(shortcut, key) + px(10);
    const QRect keyBox(box.right() - keyWidth - px(8), box.center().y() - px(8), keyWidth, px(18));
    paintBox(painter, QRectF(keyBox), px(3), t.raised, t.line2);
    paintRuns(painter, keyBox, shortcut, key, Qt::AlignHCenter);
}

void ContextBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& t = theme();
    painter.fillRect(rect(), t.surface);
    painter.fillRect(QRect(0, height() - 1, width(), 1), t.line);
    paintBrand(painter);
    using Frame = present::ShellScreen::Frame;
    const QColor border = m_screen.frame == Frame::Production ? t.prod
                          : m_screen.frame == Frame::Staging  ? t.warnFill
                                                              : t.line2;
    int x = paintTag(painter, std::max(m_brandWidth, px(48)) + px(8));
    x = paintContext(painter, x, PERCH_TEXT("Shell", "Context"), m_screen.context, border, true);
    // Where room is short the sources matter more than the folder.
    const int free = goToRect().left() - px(16) - x - px(24);
    const RunStyle mono{Size::Body, t.ink, {}, 0, 500, true};
    if (sourcesWidth() + runsWidth(m_screen.place, mono) + px(110) < free)
        x = paintContext(painter, x + px(8), m_screen.placeTitle, m_screen.place, t.line2, false);
    if (!m_screen.timeFactor.empty()) {
        x += px(16);
        x += paintRuns(painter, QRect(x, 0, px(240), height()), m_screen.timeFactor,
            {Size::Secondary, t.warn, {}, 500, 500, true});
    }
    paintSources(painter, x + px(24), goToRect().left() - px(16));
    paintGoTo(painter);
}

bool ContextBar::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        for (const auto& [area, tip] : m_tips) {
            if (area.contains(help->pos())) {
                QToolTip::showText(help->globalPos(), tip, this);
                return true;
            }
        }
        QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void ContextBar::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Space)
        Q_EMIT goToRequested();
    else
        QWidget::keyPressEvent(event);
}

void ContextBar::mousePressEvent(QMouseEvent* event) {
    if (goToRect().contains(event->position().toPoint()))
        Q_EMIT goToRequested();
}

} // namespace perch::widgets
