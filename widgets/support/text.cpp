#include "widgets/support/text.h"

#include <QCoreApplication>

#include <algorithm>

namespace perch::widgets {

namespace {

QString translated(const Text& text) {
    if (*text.context == '\0')
        return QString::fromUtf8(text.source);
    return QCoreApplication::translate(text.context, text.source);
}

QFont runFont(const RunStyle& style, bool argument) {
    const bool mono = argument && style.monoArguments;
    const int weight = argument && style.argumentWeight != 0 ? style.argumentWeight : style.weight;
    const Face face = mono ? Face::Mono : Face::Words;
    return weight != 0 ? textFont(style.size, face, weight) : textFont(style.size, face);
}

} // namespace

QString toQString(const Text& text) {
    QString result;
    for (const TextRun& run : toRuns(text))
        result += run.text;
    return result;
}

std::vector<TextRun> toRuns(const Text& text) {
    std::vector<TextRun> runs;
    const QString pattern = translated(text);
    QString words;
    const auto flush = [&] {
        if (!words.isEmpty())
            runs.push_back({words, false});
        words.clear();
    };
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        const bool placeholder = pattern[i] == u'%' && i + 1 < pattern.size() && pattern[i + 1] >= u'1' &&
                                 pattern[i + 1] <= u'9';
        if (!placeholder) {
            words += pattern[i];
            continue;
        }
        const auto index = static_cast<std::size_t>(pattern[++i].unicode() - u'1');
        if (index >= text.arguments.size() || text.arguments[index].empty())
            continue;
        flush();
        runs.push_back({QString::fromStdString(text.arguments[index]), true});
    }
    flush();
    return runs;
}

int runsWidth(const Text& text, const RunStyle& style) {
    double width = 0;
    for (const TextRun& run : toRuns(text))
        width += QFontMetricsF(runFont(style, run.argument)).horizontalAdvance(run.text);
    return static_cast<int>(width + 0.999);
}

int paintRuns(QPainter& painter, const QRect& area, const Text& text, const RunStyle& style, Qt::Alignment alignment) {
    std::vector<TextRun> runs = toRuns(text);
    double width = runsWidth(text, style);
    if (width > area.width()) {
        // Words give way from the end; a number is never cut.
        for (auto run = runs.rbegin(); run != runs.rend() && width > area.width(); ++run) {
            if (run->argument)
                continue;
            const QFontMetricsF measure(runFont(style, false));
            const double before = measure.horizontalAdvance(run->text);
            const double room = std::max(before - (width - area.width()), 0.0);
            run->text = measure.elidedText(run->text, Qt::ElideRight, room);
            width -= before - measure.horizontalAdvance(run->text);
        }
    }
    double x = area.left();
    if (alignment & Qt::AlignRight)
        x = area.right() + 1 - width;
    else if (alignment & Qt::AlignHCenter)
        x = area.left() + (area.width() - width) / 2;
    const QFontMetricsF base(runFont(style, false));
    const double baseline = area.top() + (area.height() + base.capHeight()) / 2;
    const double start = x;
    for (const TextRun& run : runs) {
        const QFont face = runFont(style, run.argument);
        painter.setFont(face);
        painter.setPen(run.argument && style.argumentColor.isValid() ? style.argumentColor : style.color);
        painter.drawText(QPointF(x, baseline), run.text);
        x += QFontMetricsF(face).horizontalAdvance(run.text);
    }
    return static_cast<int>(x - start + 0.999);
}

} // namespace perch::widgets
