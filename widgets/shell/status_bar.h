#pragma once

#include "core/present/screen.h"

#include <QWidget>

namespace perch::widgets {

/// The bar of 28 px at the foot: when the facts were read, what the page says, and the keys of the page.
class StatusBar : public QWidget {
    Q_OBJECT
public:
    explicit StatusBar(QWidget* parent = nullptr);
    void setValue(const Text& readAt, const present::StatusLine& line);
    /// A sentence that matters more for a while: what was done, or why it failed.
    void setMessage(const Text& message, present::Tone tone);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Text m_readAt;
    present::StatusLine m_line;
    Text m_message;
    present::Tone m_messageTone = present::Tone::Plain;
};

} // namespace perch::widgets
