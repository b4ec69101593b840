#include "widgets/plan/dim_layer.h"

#include "widgets/support/theme.h"

#include <QEvent>
#include <QPainter>

namespace perch::widgets {

DimLayer::DimLayer(QWidget* window) : QWidget(window) {
    window->installEventFilter(this);
    setGeometry(window->rect());
    raise();
}

void DimLayer::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), theme().dim);
}

bool DimLayer::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parent() && event->type() == QEvent::Resize)
        setGeometry(parentWidget()->rect());
    return QWidget::eventFilter(watched, event);
}

} // namespace perch::widgets
