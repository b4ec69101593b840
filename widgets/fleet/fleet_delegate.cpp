#include "widgets/fleet/fleet_delegate.h"

#include "widgets/charts/spark_line.h"
#include "widgets/fleet/fleet_model.h"
#include "widgets/support/chip.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>

namespace perch::widgets {

namespace {

using present::FleetRow;
using present::Tone;

constexpr int kDelegateRow = 64;
constexpr int kCellPadding = 8;

RunStyle style(Size size, Tone tone, int weight = 0, bool mono = true) {
    RunStyle result;
    result.size = size;
    result.color = theme().text(tone);
    result.weight = weight;
    result.argumentWeight = weight;
    result.monoArguments = mono;
    return result;
}

/// The two lines of a cell: each 18 px high around the middle.
QRect upper(const QRect& cell) {
    return {cell.left(), cell.center().y() - px(18), cell.width(), px(18)};
}

QRect lower(const QRect& cell) {
    return {cell.left(), cell.center().y(), cell.width(), px(18)};
}

QRect middle(const QRect& cell) {
    return {cell.left(), cell.center().y() - px(10), cell.width(), px(20)};
}

/// A number in mono: verbatim texts are one argument, so they come out in mono by themselves.
int number(QPainter& painter, const QRect& area, const Text& text, Tone tone, int weight = 0, Size size = Size::Body) {
    return paintRuns(painter, area, text, style(size, tone, weight));
}

QRect after(const QRect& area, int used) {
    return area.adjusted(used, 0, 0, 0);
}

void paintName(QPainter& painter, const QRect& cell, const FleetRow& row) {
    const QRect inner = cell.adjusted(px(8), 0, 0, 0);
    RunStyle name = style(Size::Body, Tone::Plain, 600, false);
    const QFontMetrics measure(textFont(Size::Body, Face::Words, 600));
    const QString shown = measure.elidedText(QString::fromStdString(row.model.text()), Qt::ElideMiddle, inner.width());
    paintRuns(painter, upper(inner), verbatim(shown.toStdString()), name);
    RunStyle task = style(Size::Secondary, Tone::Muted, 0, false);
    const QFontMetrics small(textFont(Size::Secondary));
    const QString line = small.elidedText(toQString(row.task), Qt::ElideMiddle, inner.width());
    paintRuns(painter, lower(inner), verbatim(line.toStdString()), task);
}

void paintWeightBar(QPainter& painter, const QRectF& bar, const present::CandidateCell& cell) {
    const Theme& t = theme();
    // The filled part is what really happens; the mark is what the route says.
    const double share = cell.measured.value_or(cell.wanted);
    QColor rest = t.stable;
    rest.setAlphaF(t.dark ? 0.30F : 0.30F);
    painter.fillRect(bar, rest);
    const double width = std::max(bar.width() * share, share > 0 ? 2.0 : 0.0);
    QRectF part(bar.right() - width, bar.top(), width, bar.height());
    painter.fillRect(part, t.text(cell.tone));
    const double mark = bar.right() - bar.width() * cell.wanted;
    painter.fillRect(QRectF(mark - 1, bar.top() - 2, 2, bar.height() + 4), t.ink2);
}

void paintCandidate(QPainter& painter, const QRect& cell, const FleetRow& row) {
    const present::CandidateCell& candidate = row.candidate;
    if (!candidate.version) {
        paintRuns(painter, middle(cell), candidate.weight, style(Size::Body, Tone::Muted, 0, false));
        return;
    }
    const QRect line = upper(cell);
    int used = number(painter, line, verbatim(candidate.version->text()), candidate.tone, 500);
    used += px(5);
    used += number(painter, after(line, used), candidate.weight, Tone::Plain);
    used += px(7);
    paintRuns(painter, after(line, used).adjusted(0, 1, 0, 1), candidate.real, style(Size::Caption, Tone::Muted, 400));
    paintWeightBar(painter, QRectF(cell.left(), cell.center().y() + px(4), px(80), px(7)), candidate);
}

void paintAccuracy(QPainter& painter, const QRect& cell, const FleetRow& row) {
    const int sparkWidth = px(94);
    if (!row.spark.lines.empty())
        paintSpark(painter, QRectF(cell.left(), cell.center().y() - px(16), sparkWidth, px(32)), row.spark);
    const QRect words = cell.adjusted(sparkWidth + px(14), 0, 0, 0);
    int used =
        number(painter, upper(words), row.accuracy.text, row.accuracy.tone, row.accuracy.tone == Tone::Muted ? 0 : 600);
    used += px(4);
    if (!row.accuracyChange.text.empty())
        paintRuns(painter, after(upper(words), used), row.accuracyChange.text,
                  style(Size::Secondary, row.accuracyChange.tone));
    used = paintRuns(painter, lower(words), row.accuracyNote, style(Size::Secondary, Tone::Muted));
    if (!row.candidateAccuracy.text.empty()) {
        used += paintRuns(painter, after(lower(words), used), verbatim(" \u00b7 "),
                          style(Size::Secondary, Tone::Muted, 0, false));
        paintRuns(painter, after(lower(words), used), row.candidateAccuracy.text,
                  style(Size::Secondary, row.candidateAccuracy.tone));
    }
}

void paintDrift(QPainter& painter, const QRect& cell, const FleetRow& row) {
    const Theme& t = theme();
    const present::Bullet& drift = row.drift;
    const QRect line = upper(cell);
    int used = number(painter, line, drift.value.text, drift.value.tone, drift.value.tone == Tone::Muted ? 0 : 600);
    used += number(painter, after(line, used), drift.limit, Tone::Muted, 0, Size::Secondary);
    if (drift.over) {
        const QRectF box(line.left() + used + px(6), line.center().y() - px(7), px(14), px(14));
        paintGlyph(painter, box, present::State::Warning, t.warn);
    }
    const QRectF bar(cell.left(), cell.center().y() + px(8), px(72), px(4));
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.sunken);
    painter.drawRoundedRect(bar, px(2), px(2));
    if (drift.known) {
        const bool muted = drift.value.tone == Tone::Muted;
        painter.setBrush(drift.over ? t.warnFill : muted ? t.line2 : t.none);
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * drift.fill, bar.height()), px(2), px(2));
    }
    painter.fillRect(QRectF(bar.left() + bar.width() * drift.mark - 1, bar.top() - px(3), 2, bar.height() + px(6)),
                     t.ink);
}

void paintReplicas(QPainter& painter, const QRect& cell, const FleetRow& row) {
    const Theme& t = theme();
    const int side = px(7);
    const int pitch = px(9);
    const int fit = std::max(1, (cell.width() - px(8)) / pitch);
    int x = cell.left();
    int drawn = 0;
    for (const present::ReplicaTile& tile : row.replicas) {
        if (drawn++ == fit)
            break; // the count beside it says the rest
        const QRectF box(x, cell.center().y() - px(11), side, side);
        if (tile.state == present::State::Fail) {
            painter.setPen(QPen(t.fail, 1.8));
            painter.drawLine(box.topLeft() + QPointF(1, 1), box.bottomRight() - QPointF(1, 1));
            painter.drawLine(box.topRight() + QPointF(-1, 1), box.bottomLeft() + QPointF(1, -1));
        } else if (tile.state == present::State::Pass) {
            painter.setPen(Qt::NoPen);
            painter.setBrush(t.text(tile.tone));
            painter.drawRoundedRect(box, 1.5, 1.5);
        } else {
            painter.setPen(QPen(t.text(tile.tone), 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 1.5, 1.5);
        }
        x += pitch;
    }
    const int used = number(painter, lower(cell), row.replicasReady.text, row.replicasReady.tone, 0, Size::Secondary);
    paintRuns(painter, after(lower(cell), used), row.replicasNote, style(Size::Secondary, Tone::Muted));
}

/// The focus ring of a whole row, drawn cell by cell.
void paintRowFocus(QPainter& painter, const QRect& cell, bool first, bool last) {
    const QColor accent = theme().accent;
    painter.fillRect(QRect(cell.left(), cell.top(), cell.width(), 2), accent);
    painter.fillRect(QRect(cell.left(), cell.bottom() - 1, cell.width(), 2), accent);
    if (first)
        painter.fillRect(QRect(cell.left(), cell.top(), px(3), cell.height()), accent);
    if (last)
        painter.fillRect(QRect(cell.right() - 1, cell.top(), 2, cell.height()), accent);
}

void paintP99(QPainter& painter, const QRect& cell, const FleetRow& row) {
    RunStyle value = style(Size::Body, Tone::Secondary);
    value.argumentColor = theme().text(row.p99.tone);
    value.argumentWeight = row.p99.tone == Tone::Muted ? 0 : 600;
    paintRuns(painter, upper(cell), row.p99.text, value);
    paintRuns(painter, lower(cell), row.p99Limit, style(Size::Secondary, Tone::Muted));
}

} // namespace

FleetDelegate::FleetDelegate(const FleetModel& model, QObject* parent) : QStyledItemDelegate(parent), m_model(model) {}

int FleetDelegate::columnWidth(int column) {
    switch (column) {
    case FleetModel::Name:
        return 168;
    case FleetModel::Stable:
        return 58;
    case FleetModel::Candidate:
        return 154;
    case FleetModel::Accuracy:
        return 278;
    case FleetModel::Drift:
        return 136;
    case FleetModel::P99:
        return 98;
    case FleetModel::Errors:
        return 72;
    case FleetModel::ReplicaSquares:
        return 158;
    case FleetModel::State:
        return 146;
    case FleetModel::Age:
        return 74;
    default:
        return 80;
    }
}

QSize FleetDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    return {px(columnWidth(index.column())), px(kDelegateRow)};
}

void FleetDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const Theme& t = theme();
    const FleetRow& row = m_model.row(index.row());
    const bool selected = option.state & QStyle::State_Selected;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->fillRect(option.rect, selected ? t.sel : t.surface);
    painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), t.line);
    if (selected && index.column() == 0)
        painter->fillRect(QRect(option.rect.left(), option.rect.top(), px(3), option.rect.height()), t.accent);
    const QRect cell = option.rect.adjusted(px(kCellPadding), 0, 0, 0);
    painter->setClipRect(option.rect);
    switch (index.column()) {
    case FleetModel::Name:
        paintName(*painter, cell, row);
        break;
    case FleetModel::Stable:
        number(*painter, middle(cell), verbatim(row.stable ? row.stable->text() : "none"),
               row.stable ? Tone::Plain : Tone::Muted, 500);
        break;
    case FleetModel::Candidate:
        paintCandidate(*painter, cell, row);
        break;
    case FleetModel::Accuracy:
        paintAccuracy(*painter, cell, row);
        break;
    case FleetModel::Drift:
        paintDrift(*painter, cell, row);
        break;
    case FleetModel::P99:
        paintP99(*painter, cell, row);
        break;
    case FleetModel::Errors:
        number(*painter, middle(cell), row.errors.text, row.errors.tone);
        break;
    case FleetModel::ReplicaSquares:
        paintReplicas(*painter, cell, row);
        break;
    case FleetModel::State:
        Chip::paint(*painter, QPoint(cell.left(), cell.center().y() - px(12)), row.state);
        break;
    case FleetModel::Age: {
        RunStyle look = style(Size::Body, row.dataAge.tone);
        paintRuns(*painter, middle(cell).adjusted(-px(kCellPadding), 0, -px(16), 0), row.dataAge.text, look,
                  Qt::AlignRight);
        break;
    }
    default:
        break;
    }
    if (selected && option.widget != nullptr && showsFocus(*option.widget))
        paintRowFocus(*painter, option.rect, index.column() == 0, index.column() == FleetModel::kColumns - 1);
    painter->restore();
}

} // namespace perch::widgets
