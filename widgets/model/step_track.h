#pragma once

#include "core/present/model_screen.h"

#include <QWidget>

namespace perch::widgets {

/// The steps of a strategy on a line: done steps are ticked, the current one is a ring with a dot, what lies ahead is
/// hollow; the way to the next step is dotted.
class StepTrack : public QWidget {
    Q_OBJECT
public:
    explicit StepTrack(QWidget* parent = nullptr);
    void setSteps(const std::vector<present::TrackStep>& steps, const Text& emptyText);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintStep(QPainter& painter, std::size_t index, const QRectF& area) const;

    std::vector<present::TrackStep> m_steps;
    Text m_emptyText;
};

} // namespace perch::widgets
