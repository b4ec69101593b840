#include "widgets/drift/figure_row.h"

#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace perch::widgets {

namespace {

constexpr double kFigureHeight = 44, kFigureGap = 20; ///< pixels at 100 %

RunStyle figureCaption() {
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().ink2;
    return style;
}

RunStyle figureValue(const present::DriftFigure& figure, bool large) {
    RunStyle style;
    style.size = large ? Size::KeyNumber : Size::CardTitle;
    style.weight = style.argumentWeight = 600;
    style.color = theme().text(figure.value.tone);
    return style;
}

RunStyle figureSmall() {
    RunStyle style;
    style.size = Size::Caption;
    style.color = theme().ink3;
    return style;
}

int widthOf(const present::DriftFigure& figure, bool large) {
    const int small = figure.small.empty() ? 0 : px(6) + runsWidth(figure.small, figureSmall());
    return std::max(runsWidth(figure.caption, figureCaption()),
                    runsWidth(figure.value.text, figureValue(figure, large)) + small);
}

} // namespace

FigureRow::FigureRow(Spread spread, QWidget* parent) : QWidget(parent), m_spread(spread) {
    setSizePolicy(spread == Spread::Equal ? QSizePolicy::Expanding : QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void FigureRow::setFigures(const std::vector<present::DriftFigure>& figures) {
    m_figures = figures;
    QStringList words;
    for (const auto& figure : figures)
        words.append(toQString(figure.caption) + QLatin1Char(' ') + toQString(figure.value.text));
    setAccessibleName(words.join(QStringLiteral(", ")));
    setVisible(!figures.empty());
    updateGeometry();
    update();
}

/// The parts, each with its rule at the left but the first.
std::vector<QRect> FigureRow::cells() const {
    std::vector<QRect> cells;
    int x = 0;
    for (std::size_t i = 0; i < m_figures.size(); ++i) {
        const int count = static_cast<int>(m_figures.size());
        const int width = m_spread == Spread::Equal ? this->width() * (static_cast<int>(i) + 1) / count - x
                                                    : widthOf(m_figures[i], true) + px(kFigureGap) * (i == 0 ? 1 : 2);
        cells.emplace_back(x, 0, width, height());
        x += width;
    }
    return cells;
}

QSize FigureRow::sizeHint() const {
    int width = 0;
    for (const auto& figure : m_figures)
        width += widthOf(figure, m_spread == Spread::Natural) + px(m_spread == Spread::Natural ? 2 * kFigureGap : 20);
    return {width, px(m_spread == Spread::Natural ? kFigureHeight : kFigureHeight + 12)};
}

void FigureRow::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool large = m_spread == Spread::Natural;
    if (!large)
        painter.fillRect(QRect(0, 0, width(), 1), theme().line);
    const std::vector<QRect> areas = cells();
    for (std::size_t i = 0; i < areas.size(); ++i) {
        const QRect& area = areas[i];
        if (i > 0)
            painter.fillRect(large ? QRect(area.left(), px(4), 1, height() - px(8))
                                   : QRect(area.left(), 0, 1, height()),
                             theme().line);
        const int left = area.left() + (large ? (i == 0 ? 0 : px(kFigureGap)) : px(i == 0 ? 16 : 12));
        const int room = area.right() - left;
        const int top = large ? px(2) : px(8);
        const auto& figure = m_figures[i];
        paintRuns(painter, QRect(left, top, room, px(16)), figure.caption, figureCaption());
        const QRect second(left, top + px(16), room, px(large ? 26 : 22));
        const int used = paintRuns(painter, second, figure.value.text, figureValue(figure, large));
        if (!figure.small.empty())
            paintRuns(painter, second.adjusted(used + px(6), 2, 0, 2), figure.small, figureSmall());
    }
}

bool FigureRow::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::vector<QRect> areas = cells();
    const auto at = std::ranges::find_if(areas, [&](const QRect& area) { return area.contains(help->pos()); });
    const QString words = at == areas.end()
                              ? QString()
                              : toQString(m_figures[static_cast<std::size_t>(at - areas.begin())].value.tooltip);
    if (words.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), words, this);
    return true;
}

} // namespace perch::widgets
