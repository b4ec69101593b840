#include "widgets/shell/go_to.h"

#include "widgets/support/perch_style.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QVBoxLayout>

namespace perch::widgets {

GoTo::GoTo(std::vector<GoToEntry> entries, QWidget* parent)
    : QDialog(parent, Qt::Dialog | Qt::FramelessWindowHint), m_entries(std::move(entries)) {
    setObjectName(QStringLiteral("goTo"));
    setWindowTitle(tr("Go to or run"));
    setAttribute(Qt::WA_DeleteOnClose);
    setFixedSize(px(520), px(360));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(px(12), px(12), px(12), px(12));
    column->setSpacing(px(8));
    m_field = new QLineEdit(this);
    m_field->setObjectName(QStringLiteral("goToField"));
    m_field->setPlaceholderText(tr("A page, a model or an action"));
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("goToList"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus);
    QPalette colors = theme().palette();
    colors.setColor(QPalette::Highlight, theme().sel);
    colors.setColor(QPalette::HighlightedText, theme().ink);
    m_list->setPalette(colors);
    column->addWidget(m_field);
    column->addWidget(m_list, 1);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &GoTo::filter);
    connect(m_list, &QListWidget::itemClicked, this, &GoTo::run);
    filter({});
    m_field->setFocus();
}

void GoTo::filter(const QString& words) {
    m_list->clear();
    m_shown.clear();
    const QStringList parts = words.split(u' ', Qt::SkipEmptyParts);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const QString text = toQString(m_entries[i].text);
        const bool fits = std::all_of(parts.begin(), parts.end(),
            [&](const QString& part) { return text.contains(part, Qt::CaseInsensitive); });
        if (!fits)
            continue;
        const QString hint = m_entries[i].hint.isEmpty() ? QString() : QStringLiteral("    ") + m_entries[i].hint;
        auto* item = new QListWidgetItem(text + hint, m_list);
        item->setSizeHint(QSize(px(100), px(30)));
        if (!m_entries[i].enabled)
            item->setFlags(Qt::NoItemFlags);
        m_shown.push_back(i);
    }
    if (m_list->count() > 0)
        m_list->setCurrentRow(0);
}

void GoTo::run() {
    const int row = m_list->currentRow();
    if (row < 0 || !m_entries[m_shown[static_cast<std::size_t>(row)]].enabled)
        return;
    const std::function<void()> action = m_entries[m_shown[static_cast<std::size_t>(row)]].run;
    accept();
    action();
}

bool GoTo::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Down || key == Qt::Key_Up) {
            const int step = key == Qt::Key_Down ? 1 : -1;
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
            return true;
        }
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            run();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void GoTo::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme().surface);
    painter.setPen(theme().line2);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

} // namespace perch::widgets
