#include "widgets/charts/curve_chart.h"

#include "core/base/number_format.h"
#include "widgets/charts/curve_overlay.h"
#include "widgets/charts/pens.h"
#include "widgets/charts/reduction.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QtCharts/QChart>

#include <utility>

namespace perch::widgets {

namespace {

/// Whether two cards differ in their rings at most: what a moved threshold changes.
bool sameButMarks(const present::CurveCard& a, present::CurveCard b) {
    if (a.lines.size() != b.lines.size())
        return false;
    for (std::size_t line = 0; line < a.lines.size(); ++line)
        b.lines[line].mark = a.lines[line].mark;
    return a == b;
}

} // namespace

CurveChart::CurveChart(QWidget* parent)
    : PlotChart(parent),
      m_under(std::make_unique<CurveOverlay>(CurveOverlay::Layer::Under, chart())),
      m_over(std::make_unique<CurveOverlay>(CurveOverlay::Layer::Over, chart())) {
    setLayers(*m_under, *m_over);
}

// The items leave the scene before the view deletes them.
CurveChart::~CurveChart() {
    m_under.reset();
    m_over.reset();
}

QSize CurveChart::sizeHint() const {
    return {px(290), px(290)};
}

QSize CurveChart::minimumSizeHint() const {
    return {px(220), px(220)};
}

void CurveChart::setCard(const present::CurveCard& card) {
    if (card == m_data)
        return;
    const present::CurveCard before = std::exchange(m_data, card);
    if (sameButMarks(before, card)) {
        m_over->marksMoved(before);
        return;
    }
    setAccessibleName(toQString(card.title));
    rebuild();
    QStringList summary;
    for (const auto& line : card.lines)
        summary.append(toQString(line.label));
    dataChanged(summary.isEmpty() ? toQString(card.emptyText) : summary.join(QStringLiteral(", ")));
}

void CurveChart::rebuild() {
    if (whole().width() < 80 || whole().height() < 80)
        return;
    const CurveLayout layout = layOutCurves(m_data, whole());
    place(layout.plot, m_data.x.low, m_data.x.high, m_data.y.low, m_data.y.high);
    drawCurves(layout.plot);
    m_under->set(&m_data, layout);
    m_over->set(&m_data, layout);
}

void CurveChart::drawCurves(const QRectF& plot) {
    beginLines();
    for (const auto& line : m_data.lines) {
        if (line.dots) // the overlay draws them
            continue;
        QList<QPointF> points;
        for (const auto& point : line.points)
            points.append({point.x, point.y});
        for (const Segment& segment :
             reduceToColumns(points, m_data.x.low, m_data.x.high, static_cast<int>(plot.width())))
            addLine(segment, linePen(theme().text(line.tone), line.dash));
    }
    endLines();
}

ChartTable CurveChart::table() const {
    ChartTable table;
    table.headers = {tr("Line"), tr("x"), tr("y")};
    for (const auto& line : m_data.lines)
        for (const auto& point : line.points)
            table.rows.append({toQString(line.label), QString::fromStdString(formatDecimal(point.x, m_data.xDecimals)),
                               QString::fromStdString(formatDecimal(point.y, 4))});
    return table;
}

void CurveChart::showFocus(bool shown) {
    m_over->setFocused(shown);
}

} // namespace perch::widgets
