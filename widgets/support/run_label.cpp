#include "widgets/support/run_label.h"

#include "widgets/support/theme.h"

#include <QPainter>

#include <cmath>

namespace perch::widgets {

RunLabel::RunLabel(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void RunLabel::setText(const Text& text) {
    if (text == m_text && !m_text.empty())
        return;
    m_text = text;
    setToolTip(toQString(text));
    setAccessibleName(toQString(text));
    updateGeometry();
    update();
}

void RunLabel::setSize(Size size) {
    m_size = size;
    updateGeometry();
}

void RunLabel::setTone(present::Tone tone) {
    m_tone = tone;
    update();
}

void RunLabel::setArgumentTone(present::Tone tone) {
    m_argumentTone = tone;
    m_ownArgumentTone = true;
    update();
}

void RunLabel::setWeight(int weight) {
    m_weight = weight;
    updateGeometry();
}

void RunLabel::setArgumentWeight(int weight) {
    m_argumentWeight = weight;
    updateGeometry();
}

void RunLabel::setMonoArguments(bool mono) {
    m_mono = mono;
    updateGeometry();
}

void RunLabel::setWrapping(bool wrapping) {
    m_wrapping = wrapping;
    QSizePolicy policy(QSizePolicy::Preferred, wrapping ? QSizePolicy::Preferred : QSizePolicy::Fixed);
    policy.setHeightForWidth(wrapping);
    setSizePolicy(policy);
    updateGeometry();
}

void RunLabel::setAlignment(Qt::Alignment alignment) {
    m_alignment = alignment;
    update();
}

RunStyle RunLabel::style() const {
    RunStyle style;
    style.size = m_size;
    style.color = theme().text(m_tone);
    if (m_ownArgumentTone)
        style.argumentColor = theme().text(m_argumentTone);
    style.weight = m_weight;
    style.argumentWeight = m_argumentWeight;
    style.monoArguments = m_mono;
    return style;
}

QSize RunLabel::sizeHint() const {
    const int width = m_text.empty() ? 0 : runsWidth(m_text, style());
    return {width, lineHeight(m_size)};
}

QSize RunLabel::minimumSizeHint() const {
    return {m_wrapping ? px(60) : std::min(sizeHint().width(), px(24)), lineHeight(m_size)};
}

int RunLabel::heightForWidth(int width) const {
    return m_wrapping ? layoutLines(width, nullptr) * lineHeight(m_size) : lineHeight(m_size);
}

/// Places word by word; an argument is one word, so that a number is never broken. Only a word that is wider than the
/// whole line (a hash) is broken, at any letter.
int RunLabel::layoutLines(int width, QPainter* painter) const {
    const RunStyle look = style();
    const double line = lineHeight(m_size);
    const QFontMetricsF base(runFont(look, false));
    double x = 0;
    int row = 0;
    const auto place = [&](const QString& word, const TextRun& run, const QFont& face, double advance) {
        if (painter != nullptr) {
            painter->setFont(face);
            painter->setPen(run.argument && look.argumentColor.isValid() ? look.argumentColor : look.color);
            painter->drawText(QPointF(x, std::round(row * line + (line + base.capHeight()) / 2)), word);
        }
        x += advance;
    };
    for (const TextRun& run : toRuns(m_text)) {
        const QFont face = runFont(look, run.argument);
        const QFontMetricsF measure(face);
        qsizetype from = 0;
        while (from < run.text.size()) {
            qsizetype to = run.text.indexOf(u' ', from);
            to = to < 0 ? run.text.size() : to + 1;
            QString word = run.text.mid(from, to - from);
            if (x > 0 && x + measure.horizontalAdvance(word.trimmed()) > width) {
                x = 0;
                ++row;
            }
            while (word.size() > 1 && measure.horizontalAdvance(word.trimmed()) > width) {
                qsizetype fit = word.size() - 1;
                while (fit > 1 && measure.horizontalAdvance(word.left(fit)) > width)
                    --fit;
                place(word.left(fit), run, face, 0);
                word = word.mid(fit);
                ++row;
            }
            place(word, run, face, measure.horizontalAdvance(word));
            from = to;
        }
    }
    return row + 1;
}

void RunLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::TextAntialiasing);
    if (m_wrapping)
        layoutLines(width(), &painter);
    else
        paintRuns(painter, rect(), m_text, style(), m_alignment);
}

} // namespace perch::widgets
