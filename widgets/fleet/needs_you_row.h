#pragma once

#include "core/present/fleet_screen.h"

#include <QWidget>

#include <array>

class QGridLayout;

namespace perch::widgets {

class Button;
class CountBadge;
class RunLabel;

/// One card of what a person must act on: stripe and glyph of its state, title, one sentence, a button and since when.
class NeedsYouView : public QWidget {
    Q_OBJECT
public:
    explicit NeedsYouView(QWidget* parent = nullptr);
    void setCard(const present::NeedsYouCard& card);
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void opened();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    present::NeedsYouCard m_card;
    RunLabel* m_title;
    RunLabel* m_body;
    RunLabel* m_since;
    Button* m_button;
};

/// The heading with its count and the first four cards.
class NeedsYouRow : public QWidget {
    Q_OBJECT
public:
    explicit NeedsYouRow(QWidget* parent = nullptr);
    void setCards(const std::vector<present::NeedsYouCard>& cards, const Text& more);

Q_SIGNALS:
    void opened(const perch::present::NeedsYouCard& card);
    void moreRequested();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange();

    static constexpr std::size_t kShown = 4;
    std::vector<present::NeedsYouCard> m_cards;
    CountBadge* m_count;
    RunLabel* m_note;
    Button* m_more;
    QWidget* m_row;
    QGridLayout* m_grid;
    std::array<NeedsYouView*, kShown> m_views{};
};

/// A number in a filled circle.
class CountBadge : public QWidget {
    Q_OBJECT
public:
    explicit CountBadge(QWidget* parent = nullptr);
    void setCount(std::size_t count);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::size_t m_count = 0;
};

} // namespace perch::widgets
