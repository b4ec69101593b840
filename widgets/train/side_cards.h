#pragma once

#include "core/present/train_screen.h"
#include "widgets/support/card.h"

namespace perch::widgets {

class RunLabel;

/// Processor, memory and disk of this machine, each with its last two minutes.
class MachineCard : public Card {
    Q_OBJECT
public:
    explicit MachineCard(QWidget* parent = nullptr);
    void setScreen(const present::TrainScreen& screen);

private:
    class Rows;
    Rows* m_rows;
    RunLabel* m_note;
};

/// The metrics of the best round, or of the ended training, beside the production version's.
class BestCard : public Card {
    Q_OBJECT
public:
    explicit BestCard(QWidget* parent = nullptr);
    void setValue(const present::BestCard& value);

private:
    class Rows;
    Rows* m_rows;
    RunLabel* m_note;
};

/// The steps of the training, in order.
class StepsCard : public Card {
    Q_OBJECT
public:
    explicit StepsCard(QWidget* parent = nullptr);
    void setSteps(const std::vector<present::StepRow>& steps);

private:
    class Rows;
    Rows* m_rows;
};

} // namespace perch::widgets
