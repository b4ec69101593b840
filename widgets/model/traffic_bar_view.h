#pragma once

#include "core/present/traffic.h"

#include <QWidget>

namespace perch::widgets {

/// The split of traffic as a bar: its widths are what the route says; where there is a measurement a thin second bar
/// under it has the widths that really happen. Words stand in the parts; a part too narrow for its words keeps its
/// version and weight, and says the rest in its tooltip.
class TrafficBarView : public QWidget {
    Q_OBJECT
public:
    enum class Height { Card, Dialog }; ///< 32 px with the measured bar, 24 px without
    explicit TrafficBarView(Height height, QWidget* parent = nullptr);
    void setBar(const present::TrafficBar& bar);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {px100(), sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    static int px100();
    std::vector<QRectF> partAreas(const QRectF& area, bool real) const;
    bool measured() const;
    void paintWords(QPainter& painter, const QRectF& area, const present::TrafficPart& part) const;

    Height m_height;
    present::TrafficBar m_bar;
};

} // namespace perch::widgets
