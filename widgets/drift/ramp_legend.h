#pragma once

#include <QWidget>

namespace perch::widgets {

/// The six steps of the drift ramp with their lower ends; those over the limit carry the dot that their cells carry.
class RampLegend : public QWidget {
    Q_OBJECT
public:
    explicit RampLegend(QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace perch::widgets
