#include "widgets/evaluate/picker.h"

#include "widgets/charts/curve_overlay.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QFontMetrics>
#include <QMenu>
#include <QPainter>

namespace perch::widgets {

namespace {

constexpr double kMarker = 9, kLongest = 260; ///< pixels at 100 %

QFont valueFont() {
    return textFont(Size::Secondary, Face::Mono, 600);
}

RunStyle captionStyle() {
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().ink2;
    return style;
}

} // namespace

Picker::Picker(const Text& caption, std::optional<present::Tone> marker, QWidget* parent)
    : QAbstractButton(parent), m_caption(caption), m_marker(marker) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setFocusPolicy(Qt::NoFocus);
    connect(this, &Picker::clicked, this, &Picker::openMenu);
}

void Picker::setChoices(const QStringList& choices) {
    m_choices = choices;
    setFocusPolicy(choices.isEmpty() ? Qt::NoFocus : Qt::StrongFocus);
    updateGeometry();
    update();
}

void Picker::setCurrent(const QString& current) {
    m_current = current;
    setAccessibleName(toQString(m_caption) + QLatin1Char(' ') + current);
    setToolTip(current);
    updateGeometry();
    update();
}

QSize Picker::sizeHint() const {
    const int marker = m_marker ? px(kMarker + 8) : 0, chevron = m_choices.isEmpty() ? 0 : px(24);
    const int value = std::min(QFontMetrics(valueFont()).horizontalAdvance(m_current), px(kLongest));
    return {px(12) + marker + runsWidth(m_caption, captionStyle()) + px(8) + value + chevron + px(12), px(32)};
}

void Picker::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool choosable = !m_choices.isEmpty() && isEnabled();
    paintBox(painter, QRectF(rect()), px(4), choosable ? theme().surface : QColor(),
        choosable ? theme().line2 : theme().line);
    int x = px(12);
    if (m_marker) {
        paintMarker(painter, {x + px(kMarker) / 2.0, height() / 2.0}, *m_marker, px(kMarker));
        x += px(kMarker + 8);
    }
    x += paintRuns(painter, QRect(x, 0, width(), height()), m_caption, captionStyle()) + px(8);
    painter.setFont(valueFont());
    painter.setPen(theme().ink);
    const QRect value(x, 0, width() - x - (m_choices.isEmpty() ? px(12) : px(32)), height());
    painter.drawText(value, Qt::AlignLeft | Qt::AlignVCenter,
        painter.fontMetrics().elidedText(m_current, Qt::ElideMiddle, value.width() + 2));
    if (!m_choices.isEmpty()) {
        const double side = px(12);
        paintGlyph(painter, QRectF(width() - px(12) - side, (height() - side) / 2, side, side),
            QStringLiteral("chevron_down"), theme().ink2);
    }
    if (showsFocus(*this))
        paintFocusRing(painter, QRectF(rect()), px(4));
}

void Picker::openMenu() {
    if (m_choices.isEmpty())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const QString& choice : m_choices)
        menu->addAction(choice, this, [this, choice] {
            setCurrent(choice);
            Q_EMIT chosen(choice);
        });
    menu->popup(mapToGlobal(QPoint(0, height())));
}

} // namespace perch::widgets
