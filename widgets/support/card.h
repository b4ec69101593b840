#pragma once

#include "core/base/text.h"

#include <QFrame>

class QHBoxLayout;
class QVBoxLayout;

namespace perch::widgets {

/// A card: surface, 1 px border, radius 6, a header of 40 px with a title, a note beside it and room for controls at
/// the right. The body has the layout `body()`, by default with a padding of 16 at the sides and the bottom.
class Card : public QFrame {
    Q_OBJECT
public:
    explicit Card(QWidget* parent = nullptr);
    void setTitle(const Text& title);
    void setNote(const Text& note);         ///< secondary words after the title
    void setRightNote(const Text& note);    ///< secondary words at the right end of the header
    void addHeaderWidget(QWidget* widget);  ///< at the right end, before the right note
    void setHeaderShown(bool shown);
    QVBoxLayout* body() const { return m_body; }
    void setStripe(const QColor& color);    ///< 3 px at the left edge; invalid: none

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    class RunLabel* m_title;
    class RunLabel* m_note;
    class RunLabel* m_rightNote;
    QWidget* m_header;
    QHBoxLayout* m_headerRow;
    QVBoxLayout* m_body;
    QColor m_stripe;
};

} // namespace perch::widgets
