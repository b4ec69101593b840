#pragma once

#include "core/present/evaluate_screen.h"
#include "widgets/support/card.h"

namespace perch::widgets {

class ThresholdSlider;

/// The confusion matrix at a threshold that can be moved; correct cells are tinted in the candidate's color.
class ConfusionView : public Card {
    Q_OBJECT
public:
    explicit ConfusionView(QWidget* parent = nullptr);
    void setCard(const present::ConfusionCard& card);
    void step(double by);

Q_SIGNALS:
    void thresholdMoved(double threshold);

private:
    class Matrix;
    class ValueBox;
    ThresholdSlider* m_slider;
    ValueBox* m_value;
    Matrix* m_matrix;
};

} // namespace perch::widgets
