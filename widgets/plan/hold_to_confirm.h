#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace perch::widgets {

class Button;

/// Turns one second of holding into one confirmation: the mouse or Space on the button, or a key that the dialog
/// passes on by press() and release(). Letting go before, losing the focus or being switched off starts again from
/// nothing; a click alone does nothing.
class HoldToConfirm : public QObject {
    Q_OBJECT
public:
    static constexpr int kHoldFor = 1'000; ///< ms

    explicit HoldToConfirm(Button* button);
    void setActive(bool active); ///< off: the button is an ordinary one
    bool active() const { return m_active; }
    void press();
    void release();

Q_SIGNALS:
    void confirmed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void advance();

    Button* m_button;
    QTimer m_frame;
    QElapsedTimer m_held;
    bool m_active = false;
};

} // namespace perch::widgets
