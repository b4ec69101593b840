#pragma once

#include "core/present/audit_screen.h"
#include "widgets/support/card.h"

#include <QAbstractListModel>

class QListView;

namespace perch::widgets {

class Button;
class Chip;
class RunLabel;

/// The rows of the evidence timeline, newest first.
class TimelineModel : public QAbstractListModel {
    Q_OBJECT
public:
    using QAbstractListModel::QAbstractListModel;
    void setItems(std::vector<present::TimelineItem> items);
    const present::TimelineItem& itemAt(int row) const { return m_items[static_cast<std::size_t>(row)]; }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<present::TimelineItem> m_items;
};

/// Who did what when, with the hash of each record; the foot says whether the chain holds.
class TimelineCard : public Card {
    Q_OBJECT
public:
    explicit TimelineCard(QWidget* parent = nullptr);
    void setTimeline(const present::AuditTimeline& timeline);

Q_SIGNALS:
    void exportRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QListView* m_view;
    TimelineModel* m_model;
    RunLabel* m_empty;
    class TimelineFoot* m_foot;
    Button* m_export;
};

} // namespace perch::widgets
