#include "widgets/shell/status_bar.h"

#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

StatusBar::StatusBar(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("statusBar"));
    setFixedHeight(px(28));
}

void StatusBar::setValue(const Text& readAt, const present::StatusLine& line) {
    m_readAt = readAt;
    m_line = line;
    setAccessibleName(toQString(m_message.empty() ? line.text : m_message));
    update();
}

void StatusBar::setMessage(const Text& message, present::Tone tone) {
    m_message = message;
    m_messageTone = tone;
    setToolTip(toQString(message));
    update();
}

QSize StatusBar::sizeHint() const {
    return {px(600), px(28)};
}

void StatusBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& t = theme();
    painter.fillRect(rect(), t.raised);
    painter.fillRect(QRect(0, 0, width(), 1), t.line);
    int right = width() - px(16);
    const RunStyle words{Size::Secondary, t.ink2, {}, 0, 0, true};
    const RunStyle keyStyle{Size::Caption, t.ink2, {}, 0, 0, true};
    for (auto hint = m_line.keys.rbegin(); hint != m_line.keys.rend(); ++hint) {
        const int width = runsWidth(hint->text, words);
        right -= width;
        paintRuns(painter, QRect(right, 0, width, height()), hint->text, words);
        const Text key = verbatim(hint->key);
        const int keyWidth = std::max(px(18), runsWidth(key, keyStyle) + px(10));
        right -= keyWidth + px(6);
        const QRect box(right, (height() - px(17)) / 2, keyWidth, px(17));
        paintBox(painter, QRectF(box), px(3), t.surface, t.line2);
        paintRuns(painter, box, key, keyStyle, Qt::AlignHCenter);
        right -= px(16);
    }
    int x = px(16);
    x += paintRuns(painter, QRect(x, 0, right - x, height()), m_readAt, words) + px(16);
    const Text& text = m_message.empty() ? m_line.text : m_message;
    RunStyle style = words;
    if (!m_message.empty()) {
        style.color = t.text(m_messageTone);
        style.weight = style.argumentWeight = 500;
        style.monoArguments = false;
    }
    if (right > x)
        paintRuns(painter, QRect(x, 0, right - x, height()), text, style);
}

} // namespace perch::widgets
