#include "widgets/charts/bar_list.h"

#include "core/base/number_format.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

namespace {
constexpr double kBarRow = 26; ///< pixels at 100 %
}

class BarListChart::Plot : public QWidget {
public:
    explicit Plot(const BarListChart* owner) : QWidget(nullptr), m_owner(owner) {}

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const auto& rows = m_owner->m_rows;
        if (rows.empty()) {
            paintGlyph(painter, QRectF(0, px(8), px(16), px(16)), present::State::NoData, theme().none);
            RunStyle style;
            style.color = theme().ink2;
            paintRuns(painter, QRect(px(24), px(8), width() - px(24), px(16)), m_owner->m_emptyText, style);
        }
        const QFontMetricsF metrics(textFont(Size::Secondary, Face::Mono));
        double names = 0;
        for (const auto& row : rows)
            names = std::max(names, metrics.horizontalAdvance(QString::fromStdString(row.feature)));
        const double left = std::min(names + px(12), width() * 0.52);
        const double step = std::clamp(height() / std::max<double>(1, static_cast<double>(rows.size())), 14.0,
                                       static_cast<double>(px(kBarRow)));
        for (std::size_t row = 0; row < rows.size(); ++row)
            paintRow(painter, rows[row], QRectF(0, step * static_cast<double>(row), width(), step), left);
        if (showsFocus(*m_owner))
            paintFocusRing(painter, QRectF(rect()));
    }

private:
    void paintRow(QPainter& painter, const present::BarRow& row, const QRectF& area, double left) const {
        painter.setFont(textFont(Size::Secondary, Face::Mono));
        painter.setPen(theme().ink);
        painter.drawText(QRectF(area.left(), area.top(), left - px(8), area.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(QString::fromStdString(row.feature), Qt::ElideMiddle,
                                                          static_cast<int>(left) - px(8)));
        const double values = px(48);
        const QRectF track(left, area.top(), area.width() - left - values, area.height());
        const double middle = area.center().y(), bar = std::min<double>(px(14), area.height() - 4);
        QColor fill = theme().canary;
        fill.setAlphaF(0.88F);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fill);
        painter.drawRoundedRect(QRectF(track.left(), middle - bar / 2, std::max(1.0, track.width() * row.value), bar),
                                2, 2);
        if (row.baseline) {
            painter.setBrush(theme().ink);
            painter.drawRect(
                QRectF(std::round(track.left() + track.width() * *row.baseline) - 1, middle - bar / 2 - 2, 2, bar + 4));
        }
        painter.setPen(theme().ink2);
        painter.drawText(QRectF(area.right() - values, area.top(), values, area.height()),
                         Qt::AlignRight | Qt::AlignVCenter, toQString(row.text));
    }

    const BarListChart* m_owner;
};

BarListChart::BarListChart(QWidget* parent) : TabledChart(parent), m_plot(new Plot(this)) {
    setPlot(m_plot);
}

void BarListChart::setRows(const std::vector<present::BarRow>& rows, const Text& emptyText) {
    if (rows == m_rows && emptyText == m_emptyText)
        return;
    m_rows = rows;
    m_emptyText = emptyText;
    QStringList summary;
    for (const auto& row : rows)
        summary.append(QString::fromStdString(row.feature) + QLatin1Char(' ') + toQString(row.text));
    dataChanged(summary.isEmpty() ? toQString(emptyText) : summary.join(QStringLiteral(", ")));
    updateGeometry();
    m_plot->update();
}

ChartTable BarListChart::table() const {
    ChartTable table;
    table.headers = {tr("Feature"), tr("Value"), tr("Share of the longest"), tr("Baseline")};
    for (const auto& row : m_rows)
        table.rows.append({QString::fromStdString(row.feature), toQString(row.text),
                           QString::fromStdString(formatDecimal(row.value, 3)),
                           row.baseline ? QString::fromStdString(formatDecimal(*row.baseline, 3)) : QString()});
    return table;
}

QSize BarListChart::sizeHint() const {
    return {px(320), px(kBarRow * std::max<double>(3, static_cast<double>(m_rows.size())))};
}

QSize BarListChart::minimumSizeHint() const {
    return {px(260), px(18 * std::max<double>(3, static_cast<double>(m_rows.size())))};
}

} // namespace perch::widgets
