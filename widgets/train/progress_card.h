#pragma once

#include "core/present/train_screen.h"
#include "widgets/support/card.h"

namespace perch::widgets {

class Button;
class RunLabel;

/// How far the rounds are, with the buttons that act on them.
class ProgressCard : public Card {
    Q_OBJECT
public:
    explicit ProgressCard(QWidget* parent = nullptr);
    void setScreen(const present::TrainScreen& screen);

Q_SIGNALS:
    void pauseClicked();
    void stopClicked();

private:
    class Bar;
    RunLabel *m_round, *m_pace, *m_likely, *m_most;
    Button *m_pause, *m_stop;
    Bar* m_bar;
};

} // namespace perch::widgets
