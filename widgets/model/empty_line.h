#pragma once

#include "core/present/screen.h"

#include <QWidget>

namespace perch::widgets {

class Button;
class RunLabel;

/// The empty state of a page: one line and one button, left aligned, no picture. The button copies a command.
class EmptyLine : public QWidget {
    Q_OBJECT
public:
    explicit EmptyLine(QWidget* parent = nullptr);
    void setState(const present::EmptyState& state);

private:
    present::EmptyState m_state;
    RunLabel* m_text;
    Button* m_button;
};

} // namespace perch::widgets
