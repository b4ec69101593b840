#include "widgets/model/step_track.h"

#include "widgets/charts/pens.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

namespace {

constexpr double kRadius = 8, kLine = 24, kNote = 20; ///< pixels at 100 %

using Progress = present::TrackStep::State;

} // namespace

StepTrack::StepTrack(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StepTrack::setSteps(const std::vector<present::TrackStep>& steps, const Text& emptyText) {
    m_steps = steps;
    m_emptyText = emptyText;
    QStringList words;
    for (const auto& step : steps)
        words.append(toQString(step.label) + QLatin1Char(' ') + toQString(step.note));
    setAccessibleName(words.isEmpty() ? toQString(emptyText) : words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize StepTrack::sizeHint() const {
    return {px(480), m_steps.empty() ? px(20) : px(kLine + kNote)};
}

void StepTrack::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_steps.empty()) {
        RunStyle style;
        style.color = theme().ink2;
        paintRuns(painter, rect(), m_emptyText, style);
        return;
    }
    const double width = this->width() / static_cast<double>(m_steps.size());
    for (std::size_t index = 0; index < m_steps.size(); ++index)
        paintStep(painter, index, QRectF(width * static_cast<double>(index), 0, width, height()));
}

void StepTrack::paintStep(QPainter& painter, std::size_t index, const QRectF& area) const {
    const present::TrackStep& step = m_steps[index];
    const bool current = step.state == Progress::Current, done = step.state == Progress::Done;
    const double radius = px(kRadius);
    const QPointF center(area.left() + radius + 1, px(kLine) / 2.0);
    const QColor reached = theme().canary;
    painter.setPen(QPen(current || done ? reached : theme().line2, 2));
    painter.setBrush(done ? reached : theme().surface);
    painter.drawEllipse(center, radius - 1, radius - 1);
    if (current) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(reached);
        painter.drawEllipse(center, radius / 2, radius / 2);
    } else if (done) {
        painter.setPen(QPen(theme().onCanary, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(
            QPolygonF({center + QPointF(-3, 0), center + QPointF(-1, 2.5), center + QPointF(3.5, -2.5)}));
    }
    RunStyle label;
    label.size = Size::Body;
    label.weight = label.argumentWeight = 600;
    label.color = current ? reached : theme().ink;
    const double labelLeft = center.x() + radius + px(10);
    const int used =
        paintRuns(painter, QRect(static_cast<int>(labelLeft), 0, static_cast<int>(area.right() - labelLeft), px(kLine)),
            step.label, label);
    if (index + 1 < m_steps.size()) {
        const QPointF from(labelLeft + used + px(8), center.y()), to(area.right(), center.y());
        painter.setPen(done ? QPen(reached, 2) : current ? dashedPen(reached, 2, 2, 2) : QPen(theme().line2, 1.5));
        if (to.x() > from.x())
            painter.drawLine(from, to);
    }
    RunStyle note;
    note.color = theme().ink2;
    paintRuns(painter,
        QRect(static_cast<int>(area.left()), px(kLine), static_cast<int>(area.width()) - px(12), px(kNote)), step.note,
        note);
}

} // namespace perch::widgets
