#include "widgets/drift/ranked_delegate.h"

#include "widgets/drift/histogram_chart.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QAbstractItemView>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace perch::widgets {

namespace {

constexpr double kScoreText = 46, kEffectText = 60; ///< pixels at 100 %

void paintColumnName(QPainter& painter, const QRect& area, const present::DriftRow& row) {
    RunStyle role;
    role.size = Size::Caption;
    role.color = theme().ink3;
    const int roleWidth = row.role.empty() ? 0 : runsWidth(row.role, role) + px(8);
    painter.setFont(textFont(Size::Secondary, Face::Mono));
    painter.setPen(theme().ink);
    const QString name = painter.fontMetrics().elidedText(QString::fromStdString(row.feature), Qt::ElideMiddle,
                                                          area.width() - roleWidth);
    painter.drawText(area, Qt::AlignLeft | Qt::AlignVCenter, name);
    if (roleWidth > 0)
        paintRuns(painter, area.adjusted(painter.fontMetrics().horizontalAdvance(name) + px(8), 1, 0, 1), row.role,
                  role);
}

/// The score, then a bar that ends at three times the limit, with a tick at the limit.
void paintScore(QPainter& painter, const QRect& area, const present::DriftRow& row) {
    RunStyle style;
    style.color = theme().text(row.score.tone);
    style.argumentWeight = row.score.tone == present::Tone::Muted ? 0 : 600;
    if (!row.position) {
        paintRuns(painter, area, row.score.text, style);
        return;
    }
    paintRuns(painter, QRect(area.left(), area.top(), px(kScoreText), area.height()), row.score.text, style,
              Qt::AlignLeft);
    const QRectF track(area.left() + px(kScoreText), area.center().y() - 1, area.width() - px(kScoreText), px(4));
    painter.setPen(Qt::NoPen);
    painter.setBrush(theme().sunken);
    painter.drawRoundedRect(track, px(2), px(2));
    const bool over = row.score.state == present::State::Fail;
    painter.setBrush(over ? theme().warnFill : theme().ink3);
    painter.drawRoundedRect(
        QRectF(track.left(), track.top(), std::max(2.0, track.width() * *row.position), track.height()), px(2), px(2));
    painter.fillRect(
        QRectF(std::round(track.left() + track.width() * row.limitPosition), track.center().y() - px(5), 2, px(10)),
        theme().ink);
}

/// What the column does to accuracy or score, with a bar that grows from the right.
void paintEffect(QPainter& painter, const QRect& area, const present::DriftRow& row) {
    RunStyle style;
    style.color = row.effectShare > 0 ? theme().ink : theme().ink3;
    paintRuns(painter, QRect(area.left(), area.top(), px(kEffectText), area.height()), row.effect, style,
              Qt::AlignRight);
    const QRectF track = QRectF(area).adjusted(px(kEffectText + 6), 0, 0, 0);
    const double right = std::floor(track.right());
    QColor fill = row.effectHarms ? theme().fail : theme().ink3;
    fill.setAlphaF(0.8F);
    const double width = track.width() * row.effectShare;
    painter.fillRect(QRectF(right - width, track.center().y() - px(4), width, px(8)), fill);
    painter.fillRect(QRectF(right, track.top() + px(6), 1, track.height() - px(12)), theme().line2);
}

void paintVerdict(QPainter& painter, const QRect& area, const present::DriftRow& row) {
    const double side = px(15);
    const QColor color = theme().text(row.verdict.state);
    paintGlyph(painter, QRectF(area.left(), area.center().y() - side / 2 + 0.5, side, side), row.verdict.state, color);
    RunStyle style;
    style.color = row.verdict.state == present::State::NoData ? theme().ink2 : color;
    style.weight = 500;
    const QRect words = area.adjusted(px(22), 0, 0, 0);
    const int used = paintRuns(painter, words, row.verdict.word, style);
    if (row.remark.empty())
        return;
    RunStyle remark;
    remark.size = Size::Caption;
    remark.color = theme().ink2;
    remark.monoArguments = false;
    const QRect rest = words.adjusted(used + px(8), 1, 0, 1);
    if (rest.width() > px(40))
        paintRuns(painter, rest, row.remark, remark);
}

void paintRankedCell(QPainter& painter, const QRect& area, const present::DriftRow& row, int column) {
    RunStyle style;
    style.color = theme().ink2;
    switch (column) {
    case RankedColumn::Rank:
        style.color = theme().ink3;
        paintRuns(painter, area.adjusted(px(8), 0, -px(4), 0), row.rank, style, Qt::AlignRight);
        return;
    case RankedColumn::Feature:
        paintColumnName(painter, area.adjusted(px(8), 0, -px(8), 0), row);
        return;
    case RankedColumn::Weight:
        paintRuns(painter, area.adjusted(px(8), 0, 0, 0), row.weight, style);
        return;
    case RankedColumn::Score:
        paintScore(painter, area.adjusted(px(8), 0, -px(10), 0), row);
        return;
    case RankedColumn::Shape:
        paintDistribution(painter, QRectF(area).adjusted(px(8), px(4), -px(4), -px(4)), row.shape);
        return;
    case RankedColumn::Test:
        paintRuns(painter, area.adjusted(px(8), 0, -px(4), 0), row.test, style);
        return;
    case RankedColumn::Statistic:
        style.color = theme().ink;
        paintRuns(painter, area.adjusted(px(8), 0, -px(4), 0), row.statistic, style);
        return;
    case RankedColumn::P:
        style.color = theme().ink;
        paintRuns(painter, area, row.p, style, Qt::AlignRight);
        return;
    case RankedColumn::Effect:
        paintEffect(painter, area.adjusted(0, 0, -px(8), 0), row);
        return;
    default:
        paintVerdict(painter, area.adjusted(px(8), 0, -px(4), 0), row);
    }
}

Text tipOf(const present::DriftRow& row, int column) {
    switch (column) {
    case RankedColumn::Feature:
        return verbatim(row.feature);
    case RankedColumn::Score:
        return row.score.tooltip;
    case RankedColumn::Verdict:
        return row.remark.empty() ? row.verdict.word : row.remark;
    default:
        return {};
    }
}

} // namespace

RankedDelegate::RankedDelegate(const std::vector<present::DriftRow>* rows, QObject* parent)
    : QStyledItemDelegate(parent), m_rows(rows) {}

void RankedDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect& area = option.rect;
    const bool selected = option.state & QStyle::State_Selected;
    if (selected)
        painter->fillRect(area, theme().sel);
    painter->fillRect(QRect(area.left(), area.bottom(), area.width(), 1), theme().line);
    if (selected && index.column() == RankedColumn::Rank)
        painter->fillRect(QRect(area.left(), area.top(), px(3), area.height() - 1), theme().accent);
    paintRankedCell(*painter, area, (*m_rows)[static_cast<std::size_t>(index.row())], index.column());
    painter->restore();
}

bool RankedDelegate::helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                               const QModelIndex& index) {
    if (event->type() != QEvent::ToolTip || !index.isValid())
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    const Text tip = tipOf((*m_rows)[static_cast<std::size_t>(index.row())], index.column());
    if (tip.empty())
        QToolTip::hideText();
    else
        QToolTip::showText(event->globalPos(), toQString(tip), view);
    return true;
}

} // namespace perch::widgets
