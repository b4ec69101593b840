#include "widgets/shell/banner.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QVBoxLayout>

namespace perch::widgets {

Banner::Banner(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("platformProblem"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16 + 44), px(16 + 12), px(32), px(12));
    m_text = new RunLabel(this);
    m_text->setSize(Size::Body);
    m_text->setTone(present::Tone::Plain);
    m_text->setWrapping(true);
    column->addWidget(m_text);
}

void Banner::setText(const Text& text) {
    m_text->setText(text);
    setAccessibleName(m_text->accessibleName());
    setVisible(!text.empty());
}

void Banner::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Theme& t = theme();
    const QRectF box = QRectF(rect()).adjusted(px(16), px(16), -px(16), 0);
    paintBox(painter, box, px(6), t.warnBg, t.warnFill);
    const double side = px(18);
    paintGlyph(painter, QRectF(box.left() + px(14), box.center().y() - side / 2, side, side), present::State::Warning, t.warn);
}

} // namespace perch::widgets
