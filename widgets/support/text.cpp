#include "widgets/support/text.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace perch::widgets {

namespace {

QString translated(const Text& text) {
    if (*text.context == '\0')
        return QString::fromUtf8(text.source);
    return QCoreApplication::translate(text.context, text.source);
}

} // namespace

QFont runFont(const RunStyle& style, bool argument) {
    const bool mono = argument && style.monoArguments;
    const int weight = argument && style.argumentWeight != 0 ? style.argumentWeight : style.weight;
    const Face face = mono ? Face::Mono : Face::Words;
    return weight != 0 ? textFont(style.size, face, weight) : textFont(style.size, face);
}

QStringList toQStringList(const std::vector<std::string>& values) {
    QStringList list;
    for (const std::string& value : values)
        list.append(QString::fromStdString(value));
    return list;
}

QString toQString(const Text& text) {
    QString result;
    for (const TextRun& run : toRuns(text))
        result += run.text;
    return result;
}

namespace {

/// A sentence that came as data (why a step failed, what a plan warns of): its words are words, and only what holds a
/// digit is set as a number.
bool isSentence(const QString& argument) {
    constexpr int kFewestWords = 3;
    int words = 0;
    for (const QString& part : argument.split(u' ')) {
        const bool letters = part.size() > 1 && std::all_of(part.begin(), part.end() - 1, [](QChar c) { return c.isLetter(); });
        words += letters ? 1 : 0;
    }
    return words >= kFewestWords;
}

void append(std::vector<TextRun>& runs, const QString& text, bool argument) {
    if (text.isEmpty())
        return;
    if (!runs.empty() && runs.back().argument == argument)
        runs.back().text += text;
    else
        runs.push_back({text, argument});
}

void appendSentence(std::vector<TextRun>& runs, const QString& sentence) {
    qsizetype from = 0;
    while (from < sentence.size()) {
        const qsizetype space = sentence.indexOf(u' ', from);
        const qsizetype end = space < 0 ? sentence.size() : space + 1;
        const QString word = sentence.mid(from, end - from);
        const bool number = std::any_of(word.begin(), word.end(), [](QChar c) { return c.isDigit(); });
        // The comma or space after a number belongs to the words.
        qsizetype keep = number ? word.size() : 0;
        while (keep > 0 && (word[keep - 1].isSpace() || QStringView(u".,:;").contains(word[keep - 1])))
            --keep;
        append(runs, word.left(keep), true);
        append(runs, word.mid(keep), false);
        from = end;
    }
}

} // namespace

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
        const QString argument = QString::fromStdString(text.arguments[index]);
        if (isSentence(argument))
            appendSentence(runs, argument);
        else
            runs.push_back({argument, true});
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

namespace {

/// The beginning that fits, then an ellipsis. Words are cut where they must be, a number is shown whole or not at all.
std::vector<TextRun> elided(std::vector<TextRun> runs, const RunStyle& style, double room) {
    const QFontMetricsF words(runFont(style, false));
    const QString ellipsis(QChar(0x2026));
    std::vector<TextRun> kept;
    for (TextRun& run : runs) {
        const double width = QFontMetricsF(runFont(style, run.argument)).horizontalAdvance(run.text);
        const double left = room - words.horizontalAdvance(ellipsis);
        if (width <= left) {
            room -= width;
            kept.push_back(std::move(run));
            continue;
        }
        kept.push_back({run.argument ? ellipsis : words.elidedText(run.text, Qt::ElideRight, room), false});
        break;
    }
    return kept;
}

} // namespace

int paintRuns(QPainter& painter, const QRect& area, const Text& text, const RunStyle& style, Qt::Alignment alignment) {
    std::vector<TextRun> runs = toRuns(text);
    double width = runsWidth(text, style);
    if (width > area.width()) {
        runs = elided(std::move(runs), style, area.width());
        width = area.width();
        alignment = Qt::AlignLeft;
    }
    double x = area.left();
    if (alignment & Qt::AlignRight)
        x = area.right() + 1 - width;
    else if (alignment & Qt::AlignHCenter)
        x = area.left() + (area.width() - width) / 2;
    const QFontMetricsF base(runFont(style, false));
    // On whole pixels: a fractional baseline smears small words.
    const double baseline = std::round(area.top() + (area.height() + base.capHeight()) / 2);
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
