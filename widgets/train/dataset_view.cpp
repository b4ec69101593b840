#include "widgets/train/dataset_view.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/theme.h"
#include "widgets/train/train_parts.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace perch::widgets {

namespace {

/// Pixels at 100 %.
constexpr double kFile = 46, kTiles = 61, kSplit = 61, kCheck = 28, kSide = 16;

void rule(QPainter& painter, int y, int width) {
    painter.fillRect(QRect(0, y, width, 1), theme().line);
}

} // namespace

DatasetView::DatasetView(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("datasetView"));
    setAccessibleName(tr("Dataset"));
}

void DatasetView::setCard(const present::DatasetCard& card) {
    m_card = card;
    QStringList story{toQString(card.file)};
    for (const auto& tile : card.tiles)
        story.append(toQString(tile.name) + QLatin1Char(' ') + toQString(tile.value));
    for (const auto& part : card.parts)
        story.append(toQString(part.tooltip));
    for (const auto& check : card.checks) {
        const std::string_view word = present::toString(check.state);
        story.append(toQString(check.name) + QLatin1Char(' ') + toQString(check.value.text) + QLatin1Char(' ') +
                     QString::fromUtf8(word.data(), static_cast<qsizetype>(word.size())));
    }
    setAccessibleDescription(story.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

int DatasetView::tilesTop() const {
    return px(kFile);
}

int DatasetView::splitTop() const {
    return tilesTop() + (m_card.tiles.empty() ? 0 : px(kTiles));
}

int DatasetView::checksTop() const {
    return splitTop() + (m_card.parts.empty() ? 0 : px(kSplit));
}

QSize DatasetView::sizeHint() const {
    const std::size_t rows = m_card.checks.empty() ? (m_card.checksText.empty() ? 0 : 1) : m_card.checks.size();
    return {px(280), checksTop() + px(kCheck) * static_cast<int>(rows) + px(4)};
}

void DatasetView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int side = px(kSide), wide = width() - 2 * side;
    RunStyle name = styleOf(Size::Body, theme().ink, 600);
    paintRuns(painter, QRect(side, 0, wide, px(20)), PERCH_TEXT("Train", "%1", {toQString(m_card.file).toStdString()}), name);
    paintRuns(painter, QRect(side, px(20), wide, px(16)), m_card.note, styleOf(Size::Secondary, theme().ink3));
    paintTiles(painter);
    paintSplit(painter);
    paintChecks(painter);
}

void DatasetView::paintTiles(QPainter& painter) const {
    if (m_card.tiles.empty())
        return;
    rule(painter, tilesTop(), width());
    const int count = static_cast<int>(m_card.tiles.size());
    for (int index = 0; index < count; ++index) {
        const auto& tile = m_card.tiles[static_cast<std::size_t>(index)];
        const int left = width() * index / count, right = width() * (index + 1) / count;
        if (index > 0)
            painter.fillRect(QRect(left, tilesTop(), 1, px(kTiles)), theme().line);
        const QRect area(left + px(kSide), tilesTop() + px(8), right - left - px(kSide), px(18));
        paintRuns(painter, area, tile.name, styleOf(Size::Caption, theme().ink2));
        // Words such as `not read yet` are no figure.
        const bool figure = !tile.value.english().empty() && *tile.value.source == '%';
        RunStyle value = figure ? styleOf(Size::KeyNumber, theme().ink, 500) : styleOf(Size::Secondary, theme().ink3);
        const Text text = figure ? PERCH_TEXT("Train", "%1", {tile.value.english()}) : tile.value;
        paintRuns(painter, area.translated(0, px(20)).adjusted(0, 0, 0, px(6)), text, value);
    }
}

void DatasetView::paintSplit(QPainter& painter) const {
    if (m_card.parts.empty())
        return;
    const int side = px(kSide), top = splitTop();
    rule(painter, top, width());
    const QRect words(side, top + px(9), width() - 2 * side, px(16));
    paintRuns(painter, words, m_card.splitTitle, styleOf(Size::Secondary, theme().ink2));
    paintRuns(painter, words, m_card.splitNote, styleOf(Size::Secondary, theme().ink3), Qt::AlignRight);
    double left = side;
    const double room = width() - 2 * side, gap = px(2), height = px(19), y = top + px(32);
    for (const auto& part : m_card.parts) {
        const double wide = room * part.share;
        const QRectF box(left, y, std::max(1.0, wide - gap), height);
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme().text(part.tone));
        painter.drawRoundedRect(box, 2, 2);
        RunStyle style = styleOf(Size::Caption, theme().on(part.tone), 500);
        for (const Text& text : {part.label, part.shortLabel}) {
            const Text label = PERCH_TEXT("Train", "%1", {text.english()});
            if (runsWidth(label, style) + px(12) > box.width())
                continue;
            paintRuns(painter, box.toRect().adjusted(px(6), 0, 0, 0), label, style);
            break;
        }
        left += wide;
    }
}

void DatasetView::paintChecks(QPainter& painter) const {
    const int side = px(kSide);
    int top = checksTop();
    if (m_card.checks.empty() && !m_card.checksText.empty()) {
        rule(painter, top, width());
        paintRuns(painter, QRect(side, top, width() - 2 * side, px(kCheck)), m_card.checksText,
            styleOf(Size::Secondary, theme().ink3));
    }
    for (const auto& check : m_card.checks) {
        rule(painter, top, width());
        const QRect row(side, top + 1, width() - 2 * side, px(kCheck) - 1);
        const double glyph = px(15);
        paintGlyph(painter, QRectF(row.left(), row.center().y() - glyph / 2 + 0.5, glyph, glyph), check.state,
            theme().text(check.state));
        RunStyle value = styleOf(Size::Secondary, theme().text(check.value.tone));
        const int wide = runsWidth(check.value.text, value);
        paintRuns(painter, row, check.value.text, value, Qt::AlignRight);
        RunStyle name = styleOf(Size::Secondary, theme().ink, 500);
        name.monoArguments = false;
        paintRuns(painter, row.adjusted(px(26), 0, -wide - px(8), 0), check.name, name);
        top += px(kCheck);
    }
}

bool DatasetView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int row = (help->pos().y() - checksTop()) / std::max(1, px(kCheck));
    if (help->pos().y() >= checksTop() && row < static_cast<int>(m_card.checks.size()))
        QToolTip::showText(help->globalPos(), toQString(m_card.checks[static_cast<std::size_t>(row)].tooltip), this);
    else
        QToolTip::hideText();
    return true;
}

} // namespace perch::widgets
