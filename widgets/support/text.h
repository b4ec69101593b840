#pragma once

#include "core/base/text.h"
#include "widgets/support/fonts.h"

#include <QColor>
#include <QPainter>
#include <QString>
#include <QStringList>

#include <vector>

namespace perch::widgets {

/// A Text in the user's language.
QString toQString(const Text& text);
QStringList toQStringList(const std::vector<std::string>& values);

/// A Text cut into words and arguments, so that arguments (numbers, ids) are set in mono.
struct TextRun {
    QString text;
    bool argument = false;
};
std::vector<TextRun> toRuns(const Text& text);

/// Draws words in Inter and arguments in JetBrains Mono on one line, from the left, middle of `area` in height. What
/// does not fit is elided in the words, never in a number. Returns the width used.
struct RunStyle {
    Size size = Size::Secondary;
    QColor color;
    QColor argumentColor = {};  ///< invalid: as `color`
    int weight = 0;             ///< 0: the scale's own
    int argumentWeight = 0;
    bool monoArguments = true;
};
/// The font that a run is set in.
QFont runFont(const RunStyle& style, bool argument);
int paintRuns(QPainter& painter, const QRect& area, const Text& text, const RunStyle& style,
    Qt::Alignment alignment = Qt::AlignLeft);
int runsWidth(const Text& text, const RunStyle& style);

} // namespace perch::widgets
