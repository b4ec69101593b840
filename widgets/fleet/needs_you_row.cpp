#include "widgets/fleet/needs_you_row.h"

#include "widgets/support/button.h"
#include "widgets/support/icon_factory.h"
#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

namespace perch::widgets {

NeedsYouView::NeedsYouView(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("needsYouCard"));
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Minimum);
    setMinimumHeight(px(112));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(48), px(12), px(12), px(12));
    column->setSpacing(px(6));
    m_title = new RunLabel(this);
    m_title->setSize(Size::Body);
    m_title->setWeight(600);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_body = new RunLabel(this);
    m_body->setSize(Size::Secondary);
    m_body->setTone(present::Tone::Secondary);
    m_body->setWrapping(true);
    m_title->setWrapping(true);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(px(8));
    m_button = new Button(this);
    m_button->setSmall(true);
    m_since = new RunLabel(this);
    m_since->setTone(present::Tone::Muted);
    foot->addWidget(m_button);
    foot->addWidget(m_since, 1);
    column->addWidget(m_title);
    column->addWidget(m_body);
    column->addStretch(1);
    column->addLayout(foot);
    connect(m_button, &QAbstractButton::clicked, this, &NeedsYouView::opened);
}

void NeedsYouView::setCard(const present::NeedsYouCard& card) {
    m_card = card;
    m_title->setText(card.title);
    m_body->setText(card.body);
    m_since->setText(card.since);
    m_button->setLabel(card.button);
    m_button->setKind(card.primary ? Button::Kind::Primary : Button::Kind::Plain);
    setAccessibleName(toQString(card.title));
    update();
}

QSize NeedsYouView::minimumSizeHint() const {
    return {px(160), px(112)};
}

void NeedsYouView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Theme& t = theme();
    paintBox(painter, QRectF(rect()), px(6), t.surface, t.line);
    QColor stripe = t.text(m_card.state);
    if (m_card.state == present::State::Warning)
        stripe = t.warnFill;
    QPainterPath whole;
    whole.addRoundedRect(QRectF(rect()), px(6), px(6));
    painter.save();
    painter.setClipPath(whole);
    painter.fillRect(QRect(0, 0, px(3), height()), stripe);
    painter.restore();
    paintGlyph(painter, QRectF(px(17), px(14), px(16), px(16)), m_card.state, t.text(m_card.state));
}

CountBadge::CountBadge(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void CountBadge::setCount(std::size_t count) {
    m_count = count;
    setVisible(count > 0);
    updateGeometry();
    update();
}

QSize CountBadge::sizeHint() const {
    const int width = QFontMetrics(textFont(Size::Caption, Face::Mono, 600)).horizontalAdvance(QString::number(m_count));
    return {std::max(px(20), width + px(12)), px(18)};
}

void CountBadge::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    paintBox(painter, QRectF(rect()), height() / 2.0, theme().fail, {});
    painter.setFont(textFont(Size::Caption, Face::Mono, 600));
    painter.setPen(theme().dark ? theme().onAccent : QColor(theme().surface));
    painter.drawText(rect(), Qt::AlignCenter, QString::number(m_count));
}

NeedsYouRow::NeedsYouRow(QWidget* parent) : QWidget(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(px(6));
    auto* head = new QHBoxLayout;
    head->setSpacing(px(8));
    auto* title = new RunLabel(this);
    title->setSize(Size::Section);
    title->setTone(present::Tone::Plain);
    title->setText(PERCH_TEXT("Fleet", "Needs you"));
    m_count = new CountBadge(this);
    m_note = new RunLabel(this);
    m_note->setTone(present::Tone::Muted);
    m_more = new Button(this);
    m_more->setKind(Button::Kind::Link);
    m_more->setObjectName(QStringLiteral("moreNeedsYouButton"));
    head->addWidget(title);
    head->addWidget(m_count);
    head->addWidget(m_note);
    head->addStretch(1);
    head->addWidget(m_more);
    m_row = new QWidget(this);
    m_grid = new QGridLayout(m_row);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(px(16));
    for (std::size_t i = 0; i < kShown; ++i) {
        m_views[i] = new NeedsYouView(m_row);
        connect(m_views[i], &NeedsYouView::opened, this, [this, i] {
            if (i < m_cards.size())
                Q_EMIT opened(m_cards[i]);
        });
    }
    column->addLayout(head);
    column->addWidget(m_row);
    arrange();
    connect(m_more, &QAbstractButton::clicked, this, &NeedsYouRow::moreRequested);
}

/// Four beside each other, or two rows of two where a card would get too narrow for its words.
void NeedsYouRow::arrange() {
    constexpr int kNarrowest = 260;
    const std::size_t columns = width() >= px(kNarrowest) * 4 + px(16) * 3 ? 4 : 2;
    for (std::size_t i = 0; i < kShown; ++i)
        m_grid->addWidget(m_views[i], static_cast<int>(i / columns), static_cast<int>(i % columns));
    for (std::size_t column = 0; column < kShown; ++column)
        m_grid->setColumnStretch(static_cast<int>(column), column < columns ? 1 : 0);
}

void NeedsYouRow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    arrange();
}

void NeedsYouRow::setCards(const std::vector<present::NeedsYouCard>& cards, const Text& more) {
    m_cards = cards;
    m_count->setCount(cards.size());
    m_note->setText(cards.empty() ? PERCH_TEXT("Fleet", "Nothing waits for you")
                                  : PERCH_TEXT("Fleet", "Oldest first within severity"));
    m_more->setLabel(more);
    m_more->setVisible(!more.empty());
    m_row->setVisible(!cards.empty());
    for (std::size_t i = 0; i < kShown; ++i) {
        // A hidden card keeps its place, so that one card is as wide as one of four.
        QSizePolicy policy = m_views[i]->sizePolicy();
        policy.setRetainSizeWhenHidden(true);
        m_views[i]->setSizePolicy(policy);
        m_views[i]->setVisible(i < cards.size());
        if (i < cards.size())
            m_views[i]->setCard(cards[i]);
    }
}

} // namespace perch::widgets
