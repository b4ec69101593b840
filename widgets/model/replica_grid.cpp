#include "widgets/model/replica_grid.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

namespace perch::widgets {

namespace {
constexpr double kHeading = 26, kTile = 26, kTileWidth = 68, kGap = 6, kGroupGap = 6; ///< pixels at 100 %
}

ReplicaGrid::ReplicaGrid(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ReplicaGrid::setGroups(const std::vector<present::ReplicaGroup>& groups) {
    m_groups = groups;
    QStringList words;
    for (const auto& group : groups)
        words.append(toQString(group.title) + QLatin1Char(' ') + toQString(group.count));
    setAccessibleName(tr("Replicas"));
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

std::vector<ReplicaGrid::Placed> ReplicaGrid::place(int width, std::vector<QRect>* headings, int* height) const {
    std::vector<Placed> placed;
    const QFontMetrics metrics(textFont(Size::Caption, Face::Mono));
    int wide = px(kTileWidth);
    for (const auto& group : m_groups)
        for (const auto& tile : group.tiles)
            wide = std::max(wide, metrics.horizontalAdvance(QString::fromStdString(tile.name)) + px(36));
    wide = std::min(wide, std::max(px(kTileWidth), width));
    const int columns = std::max(1, (width + px(kGap)) / (wide + px(kGap)));
    const int tileWidth = (width - (columns - 1) * px(kGap)) / columns;
    int y = 0;
    for (const auto& group : m_groups) {
        if (headings != nullptr)
            headings->push_back(QRect(0, y, width, px(kHeading)));
        y += px(kHeading);
        int column = 0;
        for (const auto& tile : group.tiles) {
            if (column == columns) {
                column = 0;
                y += px(kTile) + px(kGap);
            }
            placed.push_back({&tile, QRect(column * (tileWidth + px(kGap)), y, tileWidth, px(kTile))});
            ++column;
        }
        y += (group.tiles.empty() ? 0 : px(kTile)) + px(kGroupGap);
    }
    if (height != nullptr)
        *height = y;
    return placed;
}

int ReplicaGrid::heightForWidth(int width) const {
    int height = 0;
    place(width, nullptr, &height);
    return height;
}

QSize ReplicaGrid::sizeHint() const {
    return {px(300), heightForWidth(px(300))};
}

void ReplicaGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    std::vector<QRect> headings;
    const auto placed = place(width(), &headings, nullptr);
    for (std::size_t index = 0; index < m_groups.size(); ++index) {
        const auto& group = m_groups[index];
        RunStyle style;
        style.weight = 600;
        style.color = theme().text(group.tone);
        style.monoArguments = false;
        paintRuns(painter, headings[index], group.title, style);
        painter.setFont(textFont(Size::Secondary, Face::Mono));
        painter.setPen(group.state == present::State::Pass ? theme().ink2 : theme().text(group.state));
        painter.drawText(headings[index], Qt::AlignRight | Qt::AlignVCenter, toQString(group.count));
    }
    for (std::size_t index = 0; index < placed.size(); ++index) {
        const auto& [tile, area] = placed[index];
        const QRectF box(area);
        paintBox(painter, box, px(3), theme().surface, theme().line);
        painter.fillRect(QRectF(box.left(), box.top(), px(3), box.height()), theme().text(tile->tone));
        painter.setFont(textFont(Size::Caption, Face::Mono));
        painter.setPen(theme().ink);
        const QRect name = area.adjusted(px(10), 0, -px(24), 0);
        painter.drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
            painter.fontMetrics().elidedText(QString::fromStdString(tile->name), Qt::ElideMiddle, name.width()));
        const double side = px(13);
        paintGlyph(painter, QRectF(box.right() - side - px(7), box.center().y() - side / 2, side, side), tile->state,
            theme().text(tile->state));
        if (showsFocus(*this) && static_cast<int>(index) == m_current)
            paintFocusRing(painter, box, px(3));
    }
}

bool ReplicaGrid::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const auto& [tile, area] : place(width(), nullptr, nullptr))
        if (area.contains(help->pos())) {
            QToolTip::showText(help->globalPos(), toQString(tile->tooltip), this, area);
            return true;
        }
    QToolTip::hideText();
    return true;
}

void ReplicaGrid::keyPressEvent(QKeyEvent* event) {
    const auto placed = place(width(), nullptr, nullptr);
    const int step = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down ? 1
                     : event->key() == Qt::Key_Left || event->key() == Qt::Key_Up  ? -1
                                                                                   : 0;
    if (step == 0 || placed.empty())
        return QWidget::keyPressEvent(event);
    m_current = std::clamp(m_current + step, 0, static_cast<int>(placed.size()) - 1);
    const Placed& tile = placed[static_cast<std::size_t>(m_current)];
    setAccessibleDescription(toQString(tile.tile->tooltip));
    QToolTip::showText(mapToGlobal(tile.area.bottomLeft()), toQString(tile.tile->tooltip), this, tile.area);
    update();
}

} // namespace perch::widgets
