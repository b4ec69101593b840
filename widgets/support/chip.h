#pragma once

#include "core/present/state.h"

#include <QWidget>

namespace perch::widgets {

/// A state with its glyph, word and background; its height is 24, its radius half of that.
class Chip : public QWidget {
    Q_OBJECT
public:
    explicit Chip(QWidget* parent = nullptr);
    void setValue(const present::Chip& value);
    QSize sizeHint() const override;

    /// For delegates that draw a chip in a cell.
    static QSize sizeOf(const present::Chip& value);
    static void paint(QPainter& painter, const QPoint& topLeft, const present::Chip& value);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    present::Chip m_value;
};

} // namespace perch::widgets
