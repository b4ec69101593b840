#pragma once

#include "core/present/model_screen.h"
#include "widgets/support/card.h"

namespace perch::widgets {

class StepTrack;
class TrafficBarView;
class WeightField;

/// Traffic of the model: what the route says and what happens, the steps of the strategy, and the canary's weight.
class TrafficCard : public Card {
    Q_OBJECT
public:
    explicit TrafficCard(QWidget* parent = nullptr);
    void setScreen(const present::ModelScreen& screen);
    WeightField& weight() { return *m_weight; }

private:
    WeightField* m_weight;
    class RunLabel* m_shadow;
    TrafficBarView* m_bar;
    StepTrack* m_track;
};

} // namespace perch::widgets
