#pragma once

#include "core/present/evaluate_screen.h"

#include <QWidget>

namespace perch::widgets {

/// The decision threshold from 0 to 1 in hundredths, under the curve of the accuracy that each would give. Arrow keys
/// and [ ] move it by 0.01, Page Up and Down by 0.1.
class ThresholdSlider : public QWidget {
    Q_OBJECT
public:
    explicit ThresholdSlider(QWidget* parent = nullptr);
    void setValue(double threshold, const std::vector<present::CurvePoint>& curve, const Text& note);
    double value() const { return m_value; }
    void step(double by);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void moved(double threshold);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF track() const;
    void moveTo(double threshold);
    void paintCurve(QPainter& painter, const QRectF& area) const;

    double m_value = 0.5;
    std::vector<present::CurvePoint> m_curve;
    Text m_note;
};

} // namespace perch::widgets
