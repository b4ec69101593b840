#include "widgets/train/run_log_view.h"

#include "widgets/support/fonts.h"
#include "widgets/support/text.h"
#include "widgets/support/theme.h"

#include <QEvent>
#include <QScrollBar>
#include <QTextBlock>

namespace perch::widgets {

namespace {
constexpr int kMostLines = 10'000;
}

RunLogView::RunLogView(QWidget* parent) : QPlainTextEdit(parent) {
    setObjectName(QStringLiteral("trainingLog"));
    setAccessibleName(tr("Log"));
    setReadOnly(true);
    setFrameShape(QFrame::NoFrame);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setMaximumBlockCount(kMostLines);
    setFont(textFont(Size::Secondary, Face::Mono));
    viewport()->setAutoFillBackground(false);
    document()->setDocumentMargin(0);
    setTabChangesFocus(true);
}

void RunLogView::append(const present::LogRow& row) {
    QTextCursor cursor(document());
    cursor.movePosition(QTextCursor::End);
    if (!document()->isEmpty())
        cursor.insertBlock();
    QTextBlockFormat spacing;
    spacing.setLineHeight(px(20), QTextBlockFormat::FixedHeight);
    cursor.setBlockFormat(spacing);
    const auto put = [&](const Text& text, const QColor& color, int weight) {
        QTextCharFormat format;
        format.setForeground(color);
        format.setFont(textFont(Size::Secondary, Face::Mono, weight));
        cursor.insertText(toQString(text), format);
    };
    const bool plain = row.tone == present::Tone::Secondary;
    put(row.time, theme().ink3, 400);
    put(verbatim("  "), theme().ink3, 400);
    put(verbatim(row.level.english() + std::string(row.level.english().size() < 5 ? 5 - row.level.english().size() : 0, ' ')),
        plain ? theme().ink3 : theme().text(row.tone), plain ? 400 : 600);
    put(verbatim("  "), theme().ink3, 400);
    put(row.text, plain ? theme().ink : theme().text(row.tone), 400);
}

void RunLogView::setLog(const std::string& run, const std::vector<present::LogRow>& rows) {
    const auto same = [](const present::LogRow& a, const present::LogRow& b) { return a.text == b.text && a.time == b.time; };
    const bool grows = run == m_run && rows.size() >= m_rows.size() &&
                       std::equal(m_rows.begin(), m_rows.end(), rows.begin(), same);
    if (grows && rows.size() == m_rows.size())
        return;
    const bool atEnd = !grows || verticalScrollBar()->value() == verticalScrollBar()->maximum();
    if (!grows)
        clear();
    for (std::size_t index = grows ? m_rows.size() : 0; index < rows.size(); ++index)
        append(rows[index]);
    m_run = run;
    m_rows = rows;
    if (atEnd)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void RunLogView::changeEvent(QEvent* event) {
    QPlainTextEdit::changeEvent(event);
    if (event->type() != QEvent::PaletteChange)
        return;
    // The colors are in the text: write it again.
    const std::vector<present::LogRow> rows = std::move(m_rows);
    m_rows.clear();
    clear();
    setLog(m_run, rows);
}

} // namespace perch::widgets
