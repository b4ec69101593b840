#include "widgets/model/timeline_card.h"

#include "widgets/support/button.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QEvent>
#include <QListView>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTextLayout>
#include <QVBoxLayout>

namespace perch::widgets {

namespace {

constexpr double kWho = 20, kTextLine = 18, kHash = 16, kSpace = 12, kIndent = 40; ///< pixels at 100 %

/// The item's sentence broken into lines of `width`; numbers are not set in mono here, so that it wraps like text.
int layOutSentence(QTextLayout& layout, int width) {
    int lines = 0;
    layout.beginLayout();
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(width);
        line.setPosition(QPointF(0, lines * px(kTextLine)));
        ++lines;
    }
    layout.endLayout();
    return lines;
}

class TimelineDelegate : public QStyledItemDelegate {
public:
    TimelineDelegate(const TimelineModel* model, const QListView* view)
        : QStyledItemDelegate(nullptr), m_model(model), m_view(view) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override {
        const int width = m_view->viewport()->width();
        const auto& item = m_model->itemAt(index.row());
        QTextLayout layout(toQString(item.text), textFont(Size::Body));
        const int lines = layOutSentence(layout, std::max(px(80), width - px(kIndent) - px(16)));
        return {width, px(kWho) + lines * px(kTextLine) + (item.hash.empty() ? 0 : px(kHash)) + px(kSpace)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const auto& item = m_model->itemAt(index.row());
        const QRect area = option.rect;
        const double side = px(16);
        const QRectF glyph(area.left() + px(16), area.top() + px(2), side, side);
        if (index.row() + 1 < m_model->rowCount()) {
            painter->setPen(QPen(theme().line, 1));
            painter->drawLine(
                QPointF(glyph.center().x(), glyph.bottom() + px(4)), QPointF(glyph.center().x(), area.bottom()));
        }
        const QColor color = theme().text(item.state);
        if (item.glyph.empty())
            paintGlyph(*painter, glyph, item.state, color);
        else
            paintGlyph(*painter, glyph, QString::fromStdString(item.glyph),
                item.state == present::State::Pass ? theme().ink2 : color);
        const QRect text = area.adjusted(px(kIndent), 0, -px(16), 0);
        RunStyle who;
        who.size = Size::Body;
        who.weight = 600;
        who.color = theme().ink;
        who.monoArguments = false;
        RunStyle time;
        time.color = theme().ink2;
        const int timeWidth = runsWidth(item.time, time);
        paintRuns(*painter, QRect(text.left(), text.top(), text.width() - timeWidth - px(8), px(kWho)), item.who, who);
        paintRuns(*painter, QRect(text.left(), text.top(), text.width(), px(kWho)), item.time, time, Qt::AlignRight);
        QTextLayout sentence(toQString(item.text), textFont(Size::Body));
        const int lines = layOutSentence(sentence, text.width());
        painter->setPen(theme().ink);
        sentence.draw(painter, QPointF(text.left(), text.top() + px(kWho)));
        if (!item.hash.empty())
            paintHash(*painter,
                QRect(text.left(), text.top() + px(kWho) + lines * px(kTextLine), text.width(), px(kHash)), item.hash);
        if (option.state & QStyle::State_HasFocus)
            paintFocusRing(*painter, QRectF(area).adjusted(px(8), 0, -px(8), -px(6)), px(4));
        painter->restore();
    }

private:
    static void paintHash(QPainter& painter, const QRect& area, const Text& hash) {
        const double side = px(11);
        paintGlyph(painter, QRectF(area.left(), area.center().y() - side / 2 + 0.5, side, side), QStringLiteral("hash"),
            theme().ink3);
        painter.setFont(textFont(Size::Caption, Face::Mono));
        painter.setPen(theme().ink3);
        painter.drawText(area.adjusted(px(16), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, toQString(hash));
    }

    const TimelineModel* m_model;
    const QListView* m_view;
};

} // namespace

/// `(link) Chain verified, 214 records          head 4be170c2`
class TimelineFoot : public QWidget {
public:
    explicit TimelineFoot(QWidget* parent) : QWidget(parent) { setFixedHeight(px(36)); }
    void set(const present::Chip& chain, const Text& head) {
        m_chain = chain;
        m_head = head;
        setAccessibleName(toQString(chain.word) + QLatin1Char(' ') + toQString(head));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.fillRect(QRect(0, 0, width(), 1), theme().line);
        const double side = px(16);
        const QColor color = theme().text(m_chain.state);
        const QRectF glyph(px(16), (height() - side) / 2 + 0.5, side, side);
        if (m_chain.state == present::State::Pass)
            paintGlyph(painter, glyph, QStringLiteral("link"), color);
        else
            paintGlyph(painter, glyph, m_chain.state, color);
        RunStyle style;
        style.color = m_chain.state == present::State::Pass ? theme().ink2 : color;
        const QRect area = rect().adjusted(px(kIndent), 0, -px(16), 0);
        const int head = runsWidth(m_head, style);
        const bool both = runsWidth(m_chain.word, style) + head + px(8) <= area.width();
        paintRuns(painter, area, m_chain.word, style);
        style.color = theme().ink2;
        if (both)
            paintRuns(painter, area, m_head, style, Qt::AlignRight);
    }

private:
    present::Chip m_chain;
    Text m_head;
};

void TimelineModel::setItems(std::vector<present::TimelineItem> items) {
    const auto same = [](const auto& a, const auto& b) {
        return a.hash == b.hash && a.text == b.text && a.time == b.time;
    };
    if (std::equal(items.begin(), items.end(), m_items.begin(), m_items.end(), same))
        return;
    beginResetModel();
    m_items = std::move(items);
    endResetModel();
}

int TimelineModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QVariant TimelineModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const auto& item = itemAt(index.row());
    if (role == Qt::DisplayRole)
        return toQString(item.text);
    if (role == Qt::AccessibleTextRole)
        return toQString(item.time) + QStringLiteral(", ") + toQString(item.who) + QStringLiteral(": ") +
               toQString(item.text);
    return {};
}

TimelineCard::TimelineCard(QWidget* parent)
    : Card(parent),
      m_view(new QListView(this)),
      m_model(new TimelineModel(this)),
      m_empty(new RunLabel(this)),
      m_foot(new TimelineFoot(this)),
      m_export(new Button(this)) {
    setTitle(PERCH_TEXT("Model", "Evidence timeline"));
    m_export->setSmall(true);
    m_export->setLabel(PERCH_TEXT("Model", "Export…"));
    m_export->setObjectName(QStringLiteral("exportTimelineButton"));
    connect(m_export, &Button::clicked, this, &TimelineCard::exportRequested);
    addHeaderWidget(m_export);
    body()->setContentsMargins(0, px(6), 0, 0);
    body()->setSpacing(0);
    m_empty->setWrapping(true);
    auto* inset = new QVBoxLayout;
    inset->setContentsMargins(px(16), 0, px(16), 0);
    inset->addWidget(m_empty);
    body()->addLayout(inset);
    m_view->setObjectName(QStringLiteral("timeline"));
    m_view->setAccessibleName(tr("Evidence timeline"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new TimelineDelegate(m_model, m_view));
    m_view->itemDelegate()->setParent(m_view);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_view->setSelectionMode(QAbstractItemView::NoSelection);
    m_view->setResizeMode(QListView::Adjust);
    body()->addWidget(m_view, 1);
    body()->addStretch(0);
    body()->addWidget(m_foot);
}

void TimelineCard::setTimeline(const present::AuditTimeline& timeline) {
    const bool empty = timeline.items.empty();
    m_model->setItems(timeline.items);
    m_empty->setText(timeline.emptyText);
    m_empty->setVisible(empty);
    m_view->setVisible(!empty);
    m_export->setEnabled(!empty);
    m_foot->set(timeline.chain, timeline.head);
}

void TimelineCard::resizeEvent(QResizeEvent* event) {
    Card::resizeEvent(event);
    m_view->doItemsLayout();
}

void TimelineCard::changeEvent(QEvent* event) {
    Card::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
        m_view->doItemsLayout();
}

} // namespace perch::widgets
