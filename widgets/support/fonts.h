#pragma once

#include <QFont>

namespace perch::widgets {

/// The type scale of the design language, section 3, as fonts in pixels times the user's scale. Inter for words,
/// JetBrains Mono for numbers, ids and field names; the system's sans and mono where they are not installed.
enum class Face { Words, Mono };
enum class Size { Caption, Secondary, Body, CardTitle, Section, KeyNumber, PageTitle };

QFont textFont(Size size, Face face = Face::Words);
QFont textFont(Size size, Face face, int weight); ///< another weight than the scale's own

int lineHeight(Size size);

/// 0.9, 1.0, 1.15 or 1.3; layouts multiply their own pixels by it with px().
double userScale();
void setUserScale(double scale);
int px(double pixels);

} // namespace perch::widgets
