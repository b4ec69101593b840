#include "widgets/shell/rail.h"

#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>

namespace perch::widgets {

namespace {

constexpr int kWide = 200;
constexpr int kNarrowRail = 48;

class RailDelegate : public QStyledItemDelegate {
public:
    RailDelegate(const Rail& rail, const RailModel& model, QObject* parent)
        : QStyledItemDelegate(parent), m_rail(rail), m_model(model) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        switch (m_model.item(index.row()).kind) {
        case RailModel::Kind::Page:
            return {px(40), px(38)};
        case RailModel::Kind::Heading:
            return {px(40), px(m_rail.compact() ? 16 : 52)};
        case RailModel::Kind::Model:
            return {px(40), px(34)};
        }
        return {px(40), px(34)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Theme& t = theme();
        const RailModel::Item& item = m_model.item(index.row());
        const QRect cell = option.rect;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const bool current = item.kind == RailModel::Kind::Page && item.page == m_rail.page();
        const QRect box = cell.adjusted(px(8), px(1), -px(8), -px(1));
        if (current) {
            paintBox(*painter, QRectF(box), px(4), t.accentBg, {});
            painter->setPen(Qt::NoPen);
            painter->setBrush(t.accent);
            painter->drawRoundedRect(QRectF(box.left(), box.top() + px(8), px(3), box.height() - px(16)), 1.5, 1.5);
        } else if (option.state & QStyle::State_MouseOver && item.kind != RailModel::Kind::Heading) {
            paintBox(*painter, QRectF(box), px(4), t.raised, {});
        }
        if (item.kind == RailModel::Kind::Heading) {
            if (!m_rail.compact())
                paintRuns(*painter, cell.adjusted(px(18), px(16), -px(8), 0), item.text,
                          {Size::Caption, t.ink2, {}, 600, 600, false});
        } else {
            paintItem(*painter, cell, item, current);
        }
        if (option.state & QStyle::State_HasFocus && showsFocus(m_rail))
            paintFocusRing(*painter, QRectF(box), px(4));
        painter->restore();
    }

private:
    void paintItem(QPainter& painter, const QRect& cell, const RailModel::Item& item, bool current) const {
        const Theme& t = theme();
        const double side = px(item.kind == RailModel::Kind::Page ? 16 : 15);
        const double left = m_rail.compact() ? (cell.width() - side) / 2 : px(18);
        const QRectF glyph(left, cell.center().y() - side / 2 + 0.5, side, side);
        const bool open = item.kind == RailModel::Kind::Model && item.model == m_rail.model() &&
                          m_rail.page() == present::Page::Model;
        if (item.kind == RailModel::Kind::Page)
            paintGlyph(painter, glyph, item.glyph, current ? t.accent : t.ink2);
        else
            paintGlyph(painter, glyph, item.state, t.text(item.state));
        if (m_rail.compact())
            return;
        const bool page = item.kind == RailModel::Kind::Page;
        const RunStyle style{
            page ? Size::Body : Size::Secondary,      current ? t.accent : open ? t.ink : t.ink2, {},
            current || open ? 600 : page ? 500 : 400, current || open ? 600 : page ? 500 : 400,   false};
        const int x = px(page ? 47 : 44);
        const QRect words = cell.adjusted(x, 0, -px(12), 0);
        const QFontMetrics measure(textFont(style.size, Face::Words, style.weight));
        const QString text = measure.elidedText(toQString(item.text), Qt::ElideMiddle, words.width());
        paintRuns(painter, words, verbatim(text.toStdString()), style);
    }

    const Rail& m_rail;
    const RailModel& m_model;
};

} // namespace

void RailModel::setItems(std::vector<Item> items) {
    if (items == m_items)
        return;
    if (items.size() == m_items.size()) {
        m_items = std::move(items);
        Q_EMIT dataChanged(index(0), index(static_cast<int>(m_items.size()) - 1));
        return;
    }
    beginResetModel();
    m_items = std::move(items);
    endResetModel();
}

int RailModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QVariant RailModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const Item& item = m_items[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole)
        return toQString(item.text);
    if (role == Qt::ToolTipRole || role == Qt::AccessibleTextRole) {
        const QString word = toQString(item.word);
        return word.isEmpty() ? toQString(item.text) : toQString(item.text) + QStringLiteral(", ") + word;
    }
    return {};
}

Qt::ItemFlags RailModel::flags(const QModelIndex& index) const {
    if (index.isValid() && item(index.row()).kind == Kind::Heading)
        return Qt::NoItemFlags;
    return QAbstractListModel::flags(index);
}

Rail::Rail(QWidget* parent) : QListView(parent) {
    setObjectName(QStringLiteral("rail"));
    setFrameShape(QFrame::NoFrame);
    setFixedWidth(px(kWide));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setSelectionMode(QAbstractItemView::NoSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setMouseTracking(true);
    setViewportMargins(0, px(8), 0, 0);
    m_items = new RailModel(this);
    setModel(m_items);
    setItemDelegate(new RailDelegate(*this, *m_items, this));
    const auto choose = [this](const QModelIndex& index) {
        const RailModel::Item& item = m_items->item(index.row());
        if (item.kind == RailModel::Kind::Page)
            Q_EMIT pageChosen(item.page);
        else if (item.kind == RailModel::Kind::Model)
            Q_EMIT modelChosen(item.model);
    };
    connect(this, &QListView::clicked, this, choose);
    connect(this, &QListView::activated, this, choose);
}

void Rail::setValue(const present::ShellScreen& screen) {
    std::vector<RailModel::Item> items;
    for (const present::ShellScreen::RailItem& page : screen.rail)
        items.push_back(
            {RailModel::Kind::Page, page.page, QString::fromStdString(page.glyph), page.title, {}, {}, page.shortcut});
    if (!screen.models.empty())
        items.push_back({RailModel::Kind::Heading, {}, {}, screen.modelsTitle, {}, {}, {}});
    for (const present::ShellScreen::RailModel& model : screen.models)
        items.push_back(
            {RailModel::Kind::Model, {}, {}, verbatim(model.model.text()), model.model, model.state, model.word});
    m_items->setItems(std::move(items));
}

void Rail::setCurrent(present::Page page, const ModelName& model) {
    m_page = page;
    m_model = model;
    viewport()->update();
}

void Rail::setCompact(bool compact) {
    if (compact == m_compact)
        return;
    m_compact = compact;
    setFixedWidth(px(compact ? kNarrowRail : kWide));
    scheduleDelayedItemsLayout();
}

} // namespace perch::widgets
