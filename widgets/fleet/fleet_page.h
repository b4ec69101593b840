#pragma once

#include "core/present/fleet_screen.h"

#include <QWidget>

class QTableView;

namespace perch::widgets {

class Button;
class Card;
class EmptyLine;
class FleetModel;
class LanesView;
class LoadingBars;
class NeedsYouRow;
class Segments;

/// The Fleet screen: what needs a person, every model with its live numbers, the last 24 hours. Shows a
/// present::FleetScreen; raises which model to open.
class FleetPage : public QWidget {
    Q_OBJECT
public:
    explicit FleetPage(QWidget* parent = nullptr);
    void setValue(const present::FleetScreen& screen);
    ModelName selected() const; ///< empty if none
    void select(const ModelName& model);
    void focusFilter(); ///< Ctrl+F
    /// Before the first value: bars where the content will be, or nothing while the platform cannot be read.
    void setLoading(bool loading);

Q_SIGNALS:
    void modelOpened(const perch::ModelName& model);

private:
    void fitTable();

    QWidget* m_content;
    EmptyLine* m_empty;
    LoadingBars* m_loading;
    NeedsYouRow* m_needsYou;
    Card* m_card;
    Segments* m_filters;
    QTableView* m_table;
    FleetModel* m_model;
    Card* m_lanesCard;
    LanesView* m_lanes;
    std::vector<present::FleetScreen::FilterButton> m_filterValues;
};

} // namespace perch::widgets
