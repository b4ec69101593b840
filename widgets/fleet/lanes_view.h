#pragma once

#include "core/present/fleet_screen.h"

#include <QWidget>

namespace perch::widgets {

/// The last 24 hours: one lane per model with its rollouts, pauses and single events.
class LanesView : public QWidget {
    Q_OBJECT
public:
    explicit LanesView(QWidget* parent = nullptr);
    void setLanes(const std::vector<present::Lane>& lanes, SystemTime start, SystemTime end);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    double xOf(SystemTime time) const;
    void paintMark(QPainter& painter, const present::Lane::Mark& mark, double top) const;

    std::vector<present::Lane> m_lanes;
    SystemTime m_start{};
    SystemTime m_end{};
};

} // namespace perch::widgets
