#include "widgets/drift/histogram_chart.h"

#include "core/base/number_format.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace perch::widgets {

namespace {

constexpr double kLegend = 22, kAxisRoom = 22, kTickRoom = 40, kLyingRow = 26, kBarGap = 1; ///< pixels at 100 %

/// A line over the tops of the bars.
QPolygonF stepsOf(const std::vector<QRectF>& bars) {
    QPolygonF line;
    for (const QRectF& bar : bars)
        line << bar.topLeft() << bar.topRight();
    return line;
}

/// Where the bars of one side stand, over the whole width of their slots.
template <typename Share>
std::vector<QRectF> barsOf(const QRectF& plot, std::size_t count, double high, const Share& share) {
    std::vector<QRectF> bars;
    const double width = plot.width() / static_cast<double>(std::max<std::size_t>(1, count));
    for (std::size_t i = 0; i < count; ++i) {
        const double height = high > 0 ? std::min(1.0, share(i) / high) * plot.height() : 0;
        bars.emplace_back(plot.left() + width * static_cast<double>(i), plot.bottom() - height, width, height);
    }
    return bars;
}

void paintBars(QPainter& painter, const std::vector<QRectF>& bars, double gap) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(referenceColor());
    for (const QRectF& bar : bars)
        painter.drawRect(bar.adjusted(gap, 0, -gap, 0));
}

} // namespace

QColor referenceColor() {
    QColor color = theme().line2;
    color.setAlphaF(0.6F);
    return color;
}

QColor currentColor() {
    return theme().ramp[4];
}

void paintDistribution(QPainter& painter, const QRectF& area, const std::vector<present::DriftShares>& shape) {
    double high = 0;
    for (const auto& bin : shape)
        high = std::max({high, bin.reference, bin.current});
    if (high <= 0)
        return;
    paintBars(painter, barsOf(area, shape.size(), high, [&](std::size_t i) { return shape[i].reference; }), 0.25);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(currentColor(), 1.25, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.drawPolyline(stepsOf(barsOf(area, shape.size(), high, [&](std::size_t i) { return shape[i].current; })));
}

class HistogramChart::Plot : public QWidget {
public:
    explicit Plot(const HistogramChart* owner) : QWidget(nullptr), m_owner(owner) {}

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const auto& shown = m_owner->m_data;
        if (shown.bars.empty()) {
            paintGlyph(painter, QRectF(0, px(8), px(16), px(16)), present::State::NoData, theme().none);
            RunStyle style;
            style.color = theme().ink2;
            style.monoArguments = false;
            paintRuns(painter, QRect(px(24), px(8), width() - px(24), px(16)), shown.emptyText, style);
        } else {
            paintLegend(painter);
            shown.ranges ? paintUpright(painter) : paintLying(painter);
        }
        if (showsFocus(*m_owner))
            paintFocusRing(painter, QRectF(rect()));
    }

private:
    const std::vector<present::DriftHistogram::Bar>& bars() const { return m_owner->m_data.bars; }

    void paintLegend(QPainter& painter) const {
        RunStyle style;
        style.color = theme().ink2;
        const double middle = px(8);
        const int side = px(12);
        painter.fillRect(QRectF(0, middle - side / 2.0, side, side), referenceColor());
        const int first =
            paintRuns(painter, QRect(side + px(6), 0, width(), px(16)), m_owner->m_data.referenceLegend, style);
        const int left = side + px(6) + first + px(20);
        painter.fillRect(QRectF(left, middle - 1, side, 2), currentColor());
        paintRuns(painter, QRect(left + side + px(6), 0, width() - left, px(16)), m_owner->m_data.currentLegend, style);
    }

    void paintUpright(QPainter& painter) const {
        const auto& shown = m_owner->m_data;
        const QRectF plot(px(kTickRoom), px(kLegend + 10), width() - px(kTickRoom) - px(4),
                          height() - px(kLegend + 10 + kAxisRoom));
        const int ticks = shown.tickStep > 0 ? static_cast<int>(std::lround(shown.high / shown.tickStep)) : 0;
        painter.setFont(textFont(Size::Caption, Face::Mono));
        for (int tick = 0; tick <= ticks; ++tick) {
            const double share = tick * shown.tickStep;
            const double y = std::round(plot.bottom() - share / shown.high * plot.height());
            painter.fillRect(QRectF(plot.left(), y, plot.width(), 1), tick == 0 ? theme().line2 : theme().grid);
            painter.setPen(theme().ink3);
            painter.drawText(QRectF(0, y - px(8), px(kTickRoom - 8), px(16)), Qt::AlignRight | Qt::AlignVCenter,
                             QString::fromStdString(formatPercent(share, shown.tickStep < 0.01 ? 1 : 0)));
        }
        paintBars(painter, barsOf(plot, bars().size(), shown.high, [&](auto i) { return bars()[i].shares.reference; }),
                  px(kBarGap));
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(currentColor(), 2, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
        painter.drawPolyline(
            stepsOf(barsOf(plot, bars().size(), shown.high, [&](auto i) { return bars()[i].shares.current; })));
        paintEdges(painter, plot);
    }

    /// Edges stand between two bars; a bar without one (`missing`) has its name under it. What would overlap is left
    /// out.
    void paintEdges(QPainter& painter, const QRectF& plot) const {
        const QFontMetricsF metrics(painter.font());
        const double width = plot.width() / static_cast<double>(bars().size());
        double free = plot.left() - width;
        painter.setPen(theme().ink3);
        for (std::size_t i = 0; i < bars().size(); ++i) {
            const auto& bar = bars()[i];
            const bool between = !bar.edge.empty();
            if (!between && i + 1 == bars().size() && i > 0 && !bars()[i - 1].edge.empty())
                continue; // above the last edge
            const QString words = toQString(between ? bar.edge : bar.label);
            const double center = plot.left() + width * (static_cast<double>(i) + (between ? 1 : 0.5));
            const double half = metrics.horizontalAdvance(words) / 2;
            if (center - half < free)
                continue;
            painter.drawText(QRectF(center - half - 2, plot.bottom() + px(4), 2 * half + 4, px(kAxisRoom - 4)),
                             Qt::AlignCenter, words);
            free = center + half + px(6);
        }
    }

    void paintLying(QPainter& painter) const {
        const auto& shown = m_owner->m_data;
        const QFontMetricsF metrics(textFont(Size::Secondary, Face::Mono));
        double names = 0;
        for (const auto& bar : bars())
            names = std::max(names, metrics.horizontalAdvance(toQString(bar.label)));
        names = std::min(names + px(10), width() * 0.42);
        const double values = px(96);
        const double step = std::clamp((height() - px(kLegend)) / static_cast<double>(bars().size()), 11.0,
                                       static_cast<double>(px(kLyingRow)));
        for (std::size_t i = 0; i < bars().size(); ++i) {
            const double top = px(kLegend) + step * static_cast<double>(i);
            painter.setFont(textFont(step < px(15) ? Size::Caption : Size::Secondary, Face::Mono));
            painter.setPen(theme().ink);
            painter.drawText(QRectF(0, top, names - px(6), step), Qt::AlignLeft | Qt::AlignVCenter,
                             painter.fontMetrics().elidedText(toQString(bars()[i].label), Qt::ElideMiddle,
                                                              static_cast<int>(names) - px(6)));
            const QRectF track(names, top + step * 0.18, width() - names - values, step * 0.64);
            paintPair(painter, track, bars()[i].shares, shown.high);
            painter.setPen(theme().ink2);
            painter.setFont(textFont(Size::Caption, Face::Mono));
            painter.drawText(QRectF(width() - values, top, values, step), Qt::AlignRight | Qt::AlignVCenter,
                             QString::fromStdString(fmt::format("{:.1f} → {}", bars()[i].shares.reference * 100,
                                                                formatPercent(bars()[i].shares.current))));
        }
    }

    static void paintPair(QPainter& painter, const QRectF& track, const present::DriftShares& shares, double high) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(referenceColor());
        painter.drawRect(QRectF(track.left(), track.top(), track.width() * shares.reference / high, track.height()));
        painter.setBrush(currentColor());
        const double x = track.left() + track.width() * shares.current / high;
        painter.drawRect(QRectF(track.left(), track.center().y() - 1, x - track.left(), 2));
        painter.drawRect(QRectF(x - 1, track.top() - 1, 2, track.height() + 2));
    }

    const HistogramChart* m_owner;
};

HistogramChart::HistogramChart(QWidget* parent) : TabledChart(parent), m_plot(new Plot(this)) {
    setPlot(m_plot);
    setObjectName(QStringLiteral("driftHistogram"));
}

void HistogramChart::setHistogram(const present::DriftHistogram& histogram) {
    m_data = histogram;
    QStringList summary;
    for (const auto& bar : histogram.bars)
        summary.append(tr("%1 from %2 to %3")
                           .arg(toQString(bar.label), QString::fromStdString(formatPercent(bar.shares.reference)),
                                QString::fromStdString(formatPercent(bar.shares.current))));
    setAccessibleName(tr("Distribution of %1").arg(QString::fromStdString(histogram.feature)));
    dataChanged(summary.isEmpty() ? toQString(histogram.emptyText) : summary.join(QStringLiteral(", ")));
    m_plot->update();
}

ChartTable HistogramChart::table() const {
    ChartTable table;
    table.headers = {tr("Values"), tr("Reference"), tr("Current")};
    for (const auto& bar : m_data.bars)
        table.rows.append({toQString(bar.label), QString::fromStdString(formatPercent(bar.shares.reference)),
                           QString::fromStdString(formatPercent(bar.shares.current))});
    return table;
}

QSize HistogramChart::sizeHint() const {
    return {px(380), px(220)};
}

QSize HistogramChart::minimumSizeHint() const {
    return {px(280), px(150)};
}

} // namespace perch::widgets
