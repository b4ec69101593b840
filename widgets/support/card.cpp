#include "widgets/support/card.h"

#include "widgets/support/perch_style.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>

namespace perch::widgets {

Card::Card(QWidget* parent) : QFrame(parent) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    m_header = new QWidget(this);
    m_header->setFixedHeight(px(40));
    m_headerRow = new QHBoxLayout(m_header);
    m_headerRow->setContentsMargins(px(16), px(4), px(16), 0);
    m_headerRow->setSpacing(px(8));
    m_title = new RunLabel(m_header);
    m_title->setSize(Size::CardTitle);
    m_title->setTone(present::Tone::Plain);
    m_title->setMonoArguments(false);
    m_title->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed); // notes give way, the title does not
    m_note = new RunLabel(m_header);
    m_note->setTone(present::Tone::Muted);
    m_rightNote = new RunLabel(m_header);
    m_rightNote->setTone(present::Tone::Muted);
    m_rightNote->setAlignment(Qt::AlignRight);
    m_note->hide();
    m_rightNote->hide();
    m_headerRow->addWidget(m_title);
    m_headerRow->addWidget(m_note);
    m_headerRow->addStretch(1);
    m_headerRow->addWidget(m_rightNote);
    column->addWidget(m_header);
    m_body = new QVBoxLayout;
    m_body->setContentsMargins(px(16), px(4), px(16), px(16));
    m_body->setSpacing(px(8));
    column->addLayout(m_body, 1);
}

void Card::setTitle(const Text& title) {
    m_title->setText(title);
}

void Card::setNote(const Text& note) {
    m_note->setText(note);
    m_note->setVisible(!note.empty());
}

void Card::setRightNote(const Text& note) {
    m_rightNote->setText(note);
    m_rightNote->setVisible(!note.empty());
}

void Card::addHeaderWidget(QWidget* widget) {
    m_headerRow->insertWidget(m_headerRow->count() - 1, widget);
}

void Card::setHeaderShown(bool shown) {
    m_header->setVisible(shown);
}

void Card::setStripe(const QColor& color) {
    m_stripe = color;
    update();
}

void Card::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintBox(painter, QRectF(rect()), px(6), theme().surface, theme().line);
    if (m_stripe.isValid()) {
        QPainterPath whole;
        whole.addRoundedRect(QRectF(rect()), px(6), px(6));
        painter.setClipPath(whole);
        painter.fillRect(QRect(0, 0, px(3), height()), m_stripe);
    }
}

} // namespace perch::widgets
