#pragma once

#include "core/present/model_screen.h"

#include <QWidget>

#include <optional>

class QGridLayout;
class QStackedLayout;

namespace perch::widgets {

class ActionBar;
class Card;
class EmptyLine;
class GatesCard;
class HeatStripChart;
class ReplicaGrid;
class RunLabel;
class Segments;
class TimeChart;
class TimelineCard;
class TrafficCard;

/// The Model screen: what a model does in traffic, whether its candidate may go on, and the six actions. Shows a
/// present::ModelScreen and raises intents; it holds no rule and calls no backend. Before the first value it shows
/// loading bars. In a window under 1440 px the timeline is a tab.
class ModelPage : public QWidget {
    Q_OBJECT
public:
    explicit ModelPage(QWidget* parent = nullptr);
    void setValue(const present::ModelScreen& screen);
    /// The action that is executed now, with its step in words; nothing: none. The other actions are off meanwhile.
    void setBusy(std::optional<present::ModelButton> button, const QString& step);

Q_SIGNALS:
    void intentRaised(const rollout::Intent& intent);
    void exportRequested(); ///< the audit of this model

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeHeader();
    void makeCards();
    void arrange();
    void act(present::ModelButton button);
    void applyWeight(Percent weight);
    void setChips(const std::vector<present::Chip>& chips);

    QStackedLayout* m_pages;
    EmptyLine* m_empty;
    QWidget* m_content;
    QGridLayout* m_header = nullptr;
    RunLabel* m_title;
    QWidget* m_titleBlock = nullptr;
    QWidget* m_chipRow;
    RunLabel* m_subtitle;
    ActionBar* m_actions;
    Segments* m_tabs;
    QWidget* m_overview;
    TrafficCard* m_traffic;
    GatesCard* m_gates;
    Card* m_accuracyCard;
    TimeChart* m_accuracy;
    Card* m_latencyCard;
    TimeChart* m_latency;
    Card* m_driftCard;
    HeatStripChart* m_drift;
    Card* m_replicasCard;
    ReplicaGrid* m_replicas;
    TimelineCard* m_timeline;
    QGridLayout* m_columns = nullptr;
    ModelName m_model;
    std::optional<bool> m_wideHeader;
};

} // namespace perch::widgets
