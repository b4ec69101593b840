#pragma once

#include "core/present/drift_screen.h"
#include "widgets/support/card.h"

class QTableView;

namespace perch::widgets {

class ChartTableModel;
class RunLabel;

/// Performance estimated before labels arrive, beside what it turned out to be and the estimate's own check.
class EstimateCard : public Card {
    Q_OBJECT
public:
    explicit EstimateCard(QWidget* parent = nullptr);
    void setEstimate(const present::DriftEstimate& estimate);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void sizeColumns();

    std::vector<present::DriftEstimate::Row> m_rows;
    QTableView* m_view;
    ChartTableModel* m_model;
    RunLabel* m_words;
};

} // namespace perch::widgets
