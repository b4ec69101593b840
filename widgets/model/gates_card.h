#pragma once

#include "core/present/gates.h"
#include "widgets/support/card.h"

class QTableView;

namespace perch::widgets {

class Chip;
class GatesModel;
class RunLabel;

/// The promotion gates: a chip with the sum, then one row of 30 px per gate with state, value, limit and verdict.
class GatesCard : public Card {
    Q_OBJECT
public:
    explicit GatesCard(QWidget* parent = nullptr);
    void setTable(const present::GateTable& table);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void sizeColumns();

    Chip* m_summary;
    QTableView* m_view;
    GatesModel* m_model;
    RunLabel* m_empty;
};

} // namespace perch::widgets
