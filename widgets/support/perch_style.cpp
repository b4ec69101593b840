#include "widgets/support/perch_style.h"

#include "widgets/support/fonts.h"
#include "widgets/support/theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QStyleFactory>
#include <QStyleOption>
#include <QToolTip>
#include <QWidget>

namespace perch::widgets {

void paintBox(QPainter& painter, const QRectF& area, double radius, const QColor& fill, const QColor& border,
              Qt::PenStyle borderStyle) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(Qt::NoPen);
    if (border.isValid()) {
        pen = QPen(border, 1);
        if (borderStyle == Qt::CustomDashLine)
            pen.setDashPattern({3, 2});
    }
    painter.setPen(pen);
    painter.setBrush(fill.isValid() ? QBrush(fill) : QBrush(Qt::NoBrush));
    const double inset = border.isValid() ? 0.5 : 0;
    painter.drawRoundedRect(area.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset);
    painter.restore();
}

bool showsFocus(const QWidget& widget) {
    return widget.hasFocus() && widget.window()->testAttribute(Qt::WA_KeyboardFocusChange);
}

void paintFocusRing(QPainter& painter, const QRectF& area, double radius) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().accent, 2));
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), radius - 1, radius - 1);
    painter.restore();
}

PerchStyle::PerchStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void PerchStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                               const QWidget* widget) const {
    const Theme& t = theme();
    switch (element) {
    case PE_FrameFocusRect:
        if (qobject_cast<const QAbstractItemView*>(widget) == nullptr && option->state & State_KeyboardFocusChange)
            paintFocusRing(*painter, QRectF(option->rect), px(4));
        return;
    case PE_PanelLineEdit: {
        const bool framed =
            !(qobject_cast<const QLineEdit*>(widget) && !static_cast<const QLineEdit*>(widget)->hasFrame());
        if (!framed || (widget != nullptr && qobject_cast<const QComboBox*>(widget->parentWidget()) != nullptr))
            return;
        const bool focused = option->state & State_HasFocus;
        paintBox(*painter, QRectF(option->rect), px(4), t.dark ? t.sunken : t.surface, t.line2);
        if (focused)
            paintFocusRing(*painter, QRectF(option->rect), px(4));
        return;
    }
    case PE_FrameLineEdit:
        return;
    case PE_Frame:
        if (qobject_cast<const QPlainTextEdit*>(widget) != nullptr)
            paintBox(*painter, QRectF(option->rect), px(4), QColor(), t.line);
        return;
    case PE_PanelMenuBar:
    case PE_PanelStatusBar:
    case PE_FrameStatusBarItem:
        return;
    case PE_PanelMenu:
    case PE_FrameMenu:
        paintBox(*painter, QRectF(option->rect), 0, t.surface, t.line2);
        return;
    case PE_PanelTipLabel:
        paintBox(*painter, QRectF(option->rect), 0, t.raised, t.line2);
        return;
    case PE_PanelScrollAreaCorner:
        return;
    default:
        break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void PerchStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const {
    const Theme& t = theme();
    if (element == CE_MenuBarEmptyArea) {
        painter->fillRect(option->rect, t.raised);
        return;
    }
    if (element == CE_MenuBarItem) {
        const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option);
        painter->fillRect(option->rect, option->state & State_Selected ? t.sel : t.raised);
        painter->setPen(t.ink2);
        painter->setFont(textFont(Size::Secondary));
        painter->drawText(option->rect, Qt::AlignCenter | Qt::TextHideMnemonic, item->text);
        return;
    }
    if (element == CE_MenuItem) {
        // Highlighted entries keep their ink: accent fills are for the one primary action.
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) {
            QStyleOptionMenuItem copy(*item);
            copy.palette.setColor(QPalette::Highlight, t.sel);
            copy.palette.setColor(QPalette::HighlightedText, t.ink);
            QProxyStyle::drawControl(element, &copy, painter, widget);
            return;
        }
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void PerchStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                    const QWidget* widget) const {
    const Theme& t = theme();
    if (control == CC_ScrollBar) {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        QRectF handle(subControlRect(control, option, SC_ScrollBarSlider, widget));
        handle.adjust(2, 2, -2, -2);
        painter->setPen(Qt::NoPen);
        painter->setBrush(option->state & State_MouseOver ? t.ink3 : t.line2);
        const double radius = std::min(handle.width(), handle.height()) / 2;
        painter->drawRoundedRect(handle, radius, radius);
        painter->restore();
        return;
    }
    if (control == CC_ComboBox) {
        paintBox(*painter, QRectF(option->rect), px(4), t.surface, t.line2);
        const QRectF arrow(subControlRect(control, option, SC_ComboBoxArrow, widget));
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(QPen(t.ink2, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const QPointF c = arrow.center();
        painter->drawPolyline(
            QPolygonF{c + QPointF(-px(4), -px(2)), c + QPointF(0, px(2)), c + QPointF(px(4), -px(2))});
        painter->restore();
        if (option->state & State_HasFocus)
            paintFocusRing(*painter, QRectF(option->rect), px(4));
        return;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

QRect PerchStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl part,
                                 const QWidget* widget) const {
    if (control == CC_ScrollBar) {
        const auto* bar = qstyleoption_cast<const QStyleOptionSlider*>(option);
        const QRect all = bar->rect;
        if (part == SC_ScrollBarGroove)
            return all;
        if (part == SC_ScrollBarAddLine || part == SC_ScrollBarSubLine)
            return {};
        // Without arrow buttons the handle and the pages share the whole length.
        const bool vertical = bar->orientation == Qt::Vertical;
        const int length = vertical ? all.height() : all.width();
        const int range = bar->maximum - bar->minimum;
        const int handle =
            range <= 0
                ? length
                : std::clamp(static_cast<int>(static_cast<qint64>(length) * bar->pageStep / (range + bar->pageStep)),
                             px(32), std::max(length, px(32)));
        const int start =
            sliderPositionFromValue(bar->minimum, bar->maximum, bar->sliderPosition, length - handle, bar->upsideDown);
        const auto span = [&](int from, int to) {
            return vertical ? QRect(all.left(), all.top() + from, all.width(), to - from)
                            : QRect(all.left() + from, all.top(), to - from, all.height());
        };
        if (part == SC_ScrollBarSlider)
            return span(start, start + handle);
        if (part == SC_ScrollBarSubPage)
            return span(0, start);
        if (part == SC_ScrollBarAddPage)
            return span(start + handle, length);
    }
    return QProxyStyle::subControlRect(control, option, part, widget);
}

int PerchStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    switch (metric) {
    case PM_ScrollBarExtent:
        return px(10);
    case PM_ScrollBarSliderMin:
        return px(32);
    case PM_DefaultFrameWidth:
        return qobject_cast<const QLineEdit*>(widget) != nullptr ? px(4) : 1;
    case PM_MenuBarItemSpacing:
        return 0;
    case PM_MenuBarHMargin:
        return px(4);
    case PM_MenuBarVMargin:
        return 0;
    case PM_MenuBarPanelWidth:
        return 0;
    case PM_SmallIconSize:
        return px(16);
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int PerchStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                          QStyleHintReturn* data) const {
    switch (hint) {
    case SH_ScrollBar_Transient:
        return 0;
    case SH_UnderlineShortcut:
        return 0;
    case SH_EtchDisabledText:
        return 0;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize PerchStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                   const QWidget* widget) const {
    if (type == CT_MenuBarItem)
        return {size.width() + px(20), px(28)};
    if (type == CT_LineEdit)
        return {size.width(), px(32)};
    if (type == CT_ComboBox)
        return {QProxyStyle::sizeFromContents(type, option, size, widget).width(), px(32)};
    return QProxyStyle::sizeFromContents(type, option, size, widget);
}

void applyLook() {
    if (qobject_cast<PerchStyle*>(QApplication::style()) == nullptr)
        QApplication::setStyle(new PerchStyle);
    QApplication::setPalette(theme().palette());
    QApplication::setFont(textFont(Size::Body));
    QToolTip::setFont(textFont(Size::Secondary));
    QToolTip::setPalette(theme().palette());
    for (QWidget* widget : QApplication::allWidgets())
        widget->update();
}

} // namespace perch::widgets
