#pragma once

#include "core/present/evaluate_screen.h"
#include "widgets/support/card.h"

class QTableView;

namespace perch::widgets {

class ChartTableModel;
class RatesDelegate;
class RunLabel;

/// The slices of the data on which the candidate errs most.
class SlicesCard : public Card {
    Q_OBJECT
public:
    explicit SlicesCard(QWidget* parent = nullptr);
    void setScreen(const present::EvaluateScreen& screen);

private:
    void sizeColumns();

    QTableView* m_view;
    ChartTableModel* m_model;
    RatesDelegate* m_rates;
    RunLabel* m_empty;
};

} // namespace perch::widgets
