#include "widgets/plan/hold_to_confirm.h"

#include "widgets/support/button.h"

#include <QEvent>

namespace perch::widgets {

namespace {
constexpr int kFrameTime = 16; ///< ms
}

HoldToConfirm::HoldToConfirm(Button* button) : QObject(button), m_button(button) {
    m_frame.setInterval(kFrameTime);
    connect(&m_frame, &QTimer::timeout, this, &HoldToConfirm::advance);
    connect(button, &Button::pressed, this, &HoldToConfirm::press);
    connect(button, &Button::released, this, &HoldToConfirm::release);
    button->installEventFilter(this);
}

void HoldToConfirm::setActive(bool active) {
    m_active = active;
    release();
}

void HoldToConfirm::press() {
    if (!m_active || !m_button->isEnabled() || m_frame.isActive())
        return;
    m_held.start();
    m_frame.start();
}

void HoldToConfirm::release() {
    m_frame.stop();
    m_button->setHeld(0);
}

void HoldToConfirm::advance() {
    if (!m_button->isEnabled()) {
        release();
        return;
    }
    const double share = static_cast<double>(m_held.elapsed()) / kHoldFor;
    m_button->setHeld(std::min(share, 1.0));
    if (share < 1)
        return;
    release();
    Q_EMIT confirmed();
}

bool HoldToConfirm::eventFilter(QObject* watched, QEvent* event) {
    const auto type = event->type();
    if (type == QEvent::FocusOut || type == QEvent::WindowDeactivate || type == QEvent::Hide)
        release();
    return QObject::eventFilter(watched, event);
}

} // namespace perch::widgets
