#pragma once

#include "core/present/drift_screen.h"
#include "widgets/support/card.h"

class QTableView;

namespace perch::widgets {

class ChartTableModel;
class RunLabel;
class Segments;

/// The columns of a comparison, most harmful first: score against limit, both distributions, test, effect and verdict.
/// Up and Down choose the column whose distribution is shown beside; N, S and E order by name, score and effect.
class RankedCard : public Card {
    Q_OBJECT
public:
    explicit RankedCard(QWidget* parent = nullptr);
    void setScreen(const present::DriftScreen& screen, present::DriftOrder order);
    QTableView* view() const { return m_view; }

Q_SIGNALS:
    void chosen(const QString& feature);
    void ordered(perch::present::DriftOrder order);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void sizeColumns();
    bool orderBy(int key);

    std::vector<present::DriftRow> m_rows;
    QTableView* m_view;
    ChartTableModel* m_model;
    Segments* m_order;
    RunLabel* m_foot;
    QString m_shown; ///< what the model holds, to leave it alone while nothing changes
    bool m_setting = false;
};

} // namespace perch::widgets
