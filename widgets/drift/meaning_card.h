#pragma once

#include "core/present/drift_screen.h"
#include "widgets/support/card.h"

namespace perch::widgets {

class Chip;
class FigureRow;
class RunLabel;

/// Concept drift: whether equal inputs still mean the same, or why that cannot be told.
class MeaningCard : public Card {
    Q_OBJECT
public:
    explicit MeaningCard(QWidget* parent = nullptr);
    void setMeaning(const present::DriftMeaning& meaning);

private:
    Chip* m_verdict;
    FigureRow* m_figures;
    RunLabel* m_words;
};

} // namespace perch::widgets
