#include "widgets/model/empty_line.h"

#include "widgets/support/button.h"
#include "widgets/support/run_label.h"

#include <QApplication>
#include <QClipboard>
#include <QVBoxLayout>

namespace perch::widgets {

EmptyLine::EmptyLine(QWidget* parent) : QWidget(parent), m_text(new RunLabel(this)), m_button(new Button(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(16), px(24), px(16), px(16));
    column->setSpacing(px(12));
    m_text->setSize(Size::Body);
    m_text->setTone(present::Tone::Plain);
    m_text->setWrapping(true);
    column->addWidget(m_text);
    column->addWidget(m_button, 0, Qt::AlignLeft);
    column->addStretch(1);
    connect(m_button, &Button::clicked, this,
        [this] { QApplication::clipboard()->setText(QString::fromStdString(m_state.copy)); });
}

void EmptyLine::setState(const present::EmptyState& state) {
    m_state = state;
    m_text->setText(state.text);
    m_button->setLabel(state.button);
    m_button->setVisible(!state.button.empty());
    m_button->setToolTip(QString::fromStdString(state.copy));
}

} // namespace perch::widgets
