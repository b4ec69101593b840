#include "widgets/charts/heat_strip.h"

#include "widgets/charts/pens.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <cmath>

namespace perch::widgets {

namespace {

constexpr double kHeatRow = 22; ///< pixels at 100 %
constexpr double kWideRow = 28;
constexpr double kAxis = 20;
constexpr double kMarks = 20;     ///< above a wide strip with marks
constexpr double kFrameInset = 8; ///< of names and values in a wide strip

} // namespace

const QStringList& driftLevelWords() {
    static const QStringList words{QStringLiteral("< 0.05"), QStringLiteral("0.05"), QStringLiteral("0.10"),
                                   QStringLiteral("0.15"),   QStringLiteral("0.25"), QStringLiteral("0.35")};
    return words;
}

/// Paints the strip; knows where each row and cell lies.
class HeatStripChart::Plot : public QWidget {
public:
    Plot(HeatStripChart* owner, const present::HeatStrip& strip)
        : QWidget(nullptr), m_owner(owner), m_data(strip) {}

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        if (!m_data.emptyText.empty()) {
            paintGlyph(painter, QRectF(0, height() / 2.0 - px(8), px(16), px(16)), present::State::NoData,
                       theme().none);
            RunStyle style;
            style.color = theme().ink2;
            paintRuns(painter, rect().adjusted(px(24), 0, 0, 0), m_data.emptyText, style);
        } else {
            for (std::size_t row = 0; row < m_data.rows.size(); ++row)
                paintRow(painter, m_data.rows[row], static_cast<int>(row));
            paintAxis(painter);
            if (marksShown())
                paintMarks(painter);
        }
        if (showsFocus(*m_owner))
            paintFocusRing(painter, QRectF(rect()));
    }

    void mousePressEvent(QMouseEvent* event) override { m_owner->choose(rowAt(event->position().y())); }

    bool event(QEvent* event) override {
        if (event->type() != QEvent::ToolTip)
            return QWidget::event(event);
        const auto* help = static_cast<QHelpEvent*>(event);
        const int row = rowAt(help->pos().y());
        if (row >= 0 && row < static_cast<int>(m_data.rows.size()))
            QToolTip::showText(help->globalPos(), toQString(m_data.rows[static_cast<std::size_t>(row)].value.tooltip),
                               this);
        else
            QToolTip::hideText();
        return true;
    }

private:
    double rowHeight() const {
        const double fair =
            (height() - top() - px(kAxis)) / std::max<double>(1, static_cast<double>(m_data.rows.size()));
        return std::clamp(fair, 14.0, static_cast<double>(px(m_owner->m_wide ? kWideRow : kHeatRow + 2)));
    }
    bool marksShown() const { return m_owner->m_wide && !m_data.marks.empty(); }
    double top() const { return marksShown() ? px(kMarks) : 0; }
    int rowAt(double y) const { return static_cast<int>(std::floor((y - top()) / rowHeight())); }
    double inset() const { return m_owner->m_wide ? px(kFrameInset) : 0; }
    /// The area of the cells, without names and values.
    QRectF cells() const {
        const QFontMetricsF metrics(textFont(Size::Secondary, Face::Mono));
        double names = 0;
        for (const auto& row : m_data.rows)
            names = std::max(names, metrics.horizontalAdvance(QString::fromStdString(row.feature)));
        const double left = inset() + std::min(names + px(12), width() * 0.56);
        return QRectF(left, top(), width() - left - px(44) - inset(),
                      rowHeight() * static_cast<double>(m_data.rows.size()));
    }
    void paintRow(QPainter& painter, const present::HeatStrip::Row& row, int index) const;
    void paintAxis(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;

    HeatStripChart* m_owner;
    const present::HeatStrip& m_data;
};

void HeatStripChart::Plot::paintRow(QPainter& painter, const present::HeatStrip::Row& row, int index) const {
    const QRectF area = cells();
    const double top = area.top() + index * rowHeight(), height = rowHeight();
    if (index == m_owner->current() && m_owner->hasFocus())
        painter.fillRect(QRectF(0, top, width(), height), theme().sel);
    painter.setFont(textFont(Size::Secondary, Face::Mono));
    painter.setPen(theme().ink);
    const QString name = painter.fontMetrics().elidedText(QString::fromStdString(row.feature), Qt::ElideMiddle,
                                                          static_cast<int>(area.left() - inset()) - px(8));
    painter.drawText(QRectF(inset(), top, area.left(), height), Qt::AlignLeft | Qt::AlignVCenter, name);
    if (!m_owner->m_selected.isEmpty() && QString::fromStdString(row.feature) == m_owner->m_selected) {
        painter.setPen(QPen(theme().accent, 1.5));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(0.75, top + 0.25, width() - 1.5, height - 0.5), 3, 3);
    }
    const auto count = static_cast<double>(std::max<std::size_t>(1, row.levels.size()));
    const double width = m_owner->m_wide ? area.width() / count : std::min(area.width() / count, static_cast<double>(px(16)));
    const double start = area.right() - width * count;
    for (std::size_t cell = 0; cell < row.levels.size(); ++cell) {
        const QRectF box =
            QRectF(start + width * static_cast<double>(cell), top, width, height).adjusted(0.75, 2, -0.75, -2);
        const int level = row.levels[cell];
        if (level < 0) {
            painter.setPen(dashedPen(theme().line2, 1, 2, 2));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 1.5, 1.5);
            continue;
        }
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().ramp[static_cast<std::size_t>(std::min(level, 5))]);
        painter.drawRoundedRect(box, 1.5, 1.5);
        if (cell < row.over.size() && row.over[cell]) {
            const bool light = painter.brush().color().lightnessF() > 0.5F;
            painter.setBrush(light ? QColor(Qt::black) : QColor(Qt::white));
            painter.drawEllipse(box.center(), 1.5, 1.5);
        }
    }
    painter.setPen(theme().text(row.value.tone));
    painter.drawText(QRectF(area.right(), top, this->width() - area.right() - inset(), height), Qt::AlignRight | Qt::AlignVCenter,
                     toQString(row.value.text));
}

void HeatStripChart::Plot::paintAxis(QPainter& painter) const {
    const QRectF area = cells();
    QRect row(static_cast<int>(area.left()), static_cast<int>(area.bottom()), static_cast<int>(area.width()),
              px(kAxis));
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().ink3;
    paintRuns(painter, row, m_data.startLabel, style);
    paintRuns(painter, row, m_data.endLabel, style, Qt::AlignRight);
}

/// A flag over a dotted line through all rows; the words of the newest, at the side where there is room.
void HeatStripChart::Plot::paintMarks(QPainter& painter) const {
    const QRectF area = cells();
    for (const auto& mark : m_data.marks) {
        const double x = area.left() + area.width() * mark.at;
        painter.setPen(dashedPen(theme().ink2, 1.5, 1, 2));
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
        const QRectF flag(x - px(4), area.top() - px(14), px(8), px(8));
        QPainterPath shape;
        shape.addRoundedRect(flag, 1.5, 1.5);
        shape.addPolygon(QPolygonF{flag.bottomLeft() - QPointF(0, 2), flag.bottomRight() - QPointF(0, 2),
                                   QPointF(x, area.top() - px(2))});
        painter.fillPath(shape.simplified(), theme().ink2);
    }
    const auto& newest = m_data.marks.back();
    const double x = area.left() + area.width() * newest.at;
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().ink2;
    const int gap = px(8), top = static_cast<int>(area.top() - px(kMarks)), height = px(kMarks) - px(2);
    const int at = static_cast<int>(x);
    if (newest.at < 0.5)
        paintRuns(painter, QRect(at + gap, top, width() - at - gap, height), newest.text, style);
    else
        paintRuns(painter, QRect(0, top, at - gap, height), newest.text, style, Qt::AlignRight);
}

HeatStripChart::HeatStripChart(QWidget* parent) : TabledChart(parent), m_plot(new Plot(this, m_data)) {
    setPlot(m_plot);
}

void HeatStripChart::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Down ? 1 : event->key() == Qt::Key_Up ? -1 : 0;
    const int rows = static_cast<int>(m_data.rows.size());
    if (step == 0 || rows == 0 || tableShown())
        return TabledChart::keyPressEvent(event);
    choose(std::clamp(m_current + step, 0, rows - 1));
}

void HeatStripChart::choose(int row) {
    if (row < 0 || row >= static_cast<int>(m_data.rows.size()))
        return;
    m_current = row;
    const auto& chosen = m_data.rows[static_cast<std::size_t>(row)];
    setAccessibleDescription(toQString(chosen.value.tooltip));
    m_plot->update();
    Q_EMIT rowChosen(QString::fromStdString(chosen.feature));
}

void HeatStripChart::setWide() {
    m_wide = true;
    m_plot->update();
}

void HeatStripChart::setSelected(const QString& feature) {
    m_selected = feature;
    m_plot->update();
}

void HeatStripChart::focusInEvent(QFocusEvent* event) {
    TabledChart::focusInEvent(event);
    m_plot->update();
}

void HeatStripChart::focusOutEvent(QFocusEvent* event) {
    TabledChart::focusOutEvent(event);
    m_plot->update();
}

void HeatStripChart::setStrip(const present::HeatStrip& strip) {
    m_data = strip;
    m_current = std::min(m_current, static_cast<int>(strip.rows.size()) - 1);
    QStringList summary;
    for (const auto& row : strip.rows)
        summary.append(QString::fromStdString(row.feature) + QLatin1Char(' ') + toQString(row.value.text));
    for (const auto& mark : strip.marks)
        summary.append(toQString(mark.text));
    dataChanged(summary.isEmpty() ? toQString(strip.emptyText) : summary.join(QStringLiteral(", ")));
    updateGeometry();
    m_plot->update();
}

ChartTable HeatStripChart::table() const {
    ChartTable table;
    std::size_t slices = 0;
    for (const auto& row : m_data.rows)
        slices = std::max(slices, row.levels.size());
    table.headers = {tr("Feature"), tr("PSI now")};
    for (std::size_t slice = 0; slice < slices; ++slice)
        table.headers.append(QString::number(static_cast<qlonglong>(slice) - static_cast<qlonglong>(slices) + 1));
    for (const auto& row : m_data.rows) {
        QStringList cells{QString::fromStdString(row.feature), toQString(row.value.text)};
        for (const int level : row.levels)
            cells.append(driftLevelWords().value(level));
        while (cells.size() < table.headers.size())
            cells.append(QString());
        table.rows.append(cells);
    }
    return table;
}

QSize HeatStripChart::sizeHint() const {
    const double row = m_wide ? kWideRow : kHeatRow;
    const double marks = m_wide && !m_data.marks.empty() ? kMarks : 0;
    return {px(300), px(marks + row * std::max<double>(3, static_cast<double>(m_data.rows.size())) + kAxis)};
}

QSize HeatStripChart::minimumSizeHint() const {
    return {px(240), px(16 * std::max<double>(3, static_cast<double>(m_data.rows.size())) + kAxis)};
}

} // namespace perch::widgets
