#pragma once

#include "core/present/class_cards.h"
#include "widgets/support/card.h"

class QTableView;

namespace perch::widgets {

class ChartTableModel;
class RatesDelegate;

/// Precision, recall, ROC AUC and F1 of each class of a model with several, and how F1 changed.
class ClassesCard : public Card {
    Q_OBJECT
public:
    explicit ClassesCard(QWidget* parent = nullptr);
    void setCards(const present::ClassCards& cards);

private:
    QTableView* m_view;
    ChartTableModel* m_model;
    RatesDelegate* m_rates;
};

} // namespace perch::widgets
