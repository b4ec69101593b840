#include "widgets/model/loading_bars.h"

#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

namespace {

constexpr int kBarsAfter = 200, kWordsAfter = 2'000; ///< ms

} // namespace

LoadingBars::LoadingBars(const Text& words, QWidget* parent) : QWidget(parent), m_words(words) {
    setAccessibleName(toQString(words));
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &LoadingBars::advance);
}

void LoadingBars::showEvent(QShowEvent* event) {
    m_stage = 0;
    m_timer.start(kBarsAfter);
    QWidget::showEvent(event);
}

void LoadingBars::hideEvent(QHideEvent* event) {
    m_timer.stop();
    QWidget::hideEvent(event);
}

void LoadingBars::advance() {
    if (++m_stage == 1)
        m_timer.start(kWordsAfter - kBarsAfter);
    update();
}

void LoadingBars::paintEvent(QPaintEvent*) {
    if (m_stage == 0)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int gap = px(16);
    int y = gap;
    paintBox(painter, QRectF(gap, y, px(220), px(24)), px(4), theme().sunken, QColor());
    if (m_stage == 2) {
        RunStyle style;
        style.color = theme().ink2;
        paintRuns(painter, QRect(gap + px(236), y, width() - px(260), px(24)), m_words, style);
    }
    y += px(48);
    for (const int height : {px(158), px(320), px(220)}) {
        if (y + height > this->height())
            break;
        paintBox(painter, QRectF(gap, y, width() - 2 * gap, height), px(6), theme().sunken, QColor());
        y += height + gap;
    }
}

} // namespace perch::widgets
