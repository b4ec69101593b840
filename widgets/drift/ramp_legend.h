#pragma once

#include <QWidget>

namespace perch::widgets {

/// The six steps of the drift ramp with their lower ends; those that lie over the model's limit carry the dot that
/// their cells carry.
class RampLegend : public QWidget {
    Q_OBJECT
public:
    explicit RampLegend(QWidget* parent = nullptr);
    void setLimit(double limit);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double m_limit = 0.15;
};

} // namespace perch::widgets
