#include "widgets/plan/dim_layer.h"

#include "widgets/support/theme.h"

#include <QEvent>
#include <QLayout>
#include <QPainter>

namespace perch::widgets {

namespace {

/// The frame around the window says where its writes go: it stays bright behind a dialog.
QRect insideFrame(const QWidget& window) {
    const QLayout* layout = window.layout();
    return layout == nullptr ? window.rect() : window.rect().marginsRemoved(layout->contentsMargins());
}

} // namespace

DimLayer::DimLayer(QWidget* window) : QWidget(window) {
    window->installEventFilter(this);
    setGeometry(insideFrame(*window));
    raise();
}

void DimLayer::paintEvent(QPaintEvent*) {
    QPainter(this).fillRect(rect(), theme().dim);
}

bool DimLayer::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parent() && event->type() == QEvent::Resize)
        setGeometry(insideFrame(*parentWidget()));
    return QWidget::eventFilter(watched, event);
}

} // namespace perch::widgets
