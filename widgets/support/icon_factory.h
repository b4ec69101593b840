#pragma once

#include "core/present/state.h"

#include <QColor>
#include <QIcon>
#include <QPainter>
#include <QString>

namespace perch::widgets {

/// Glyphs as painter paths in a box of 16 units, stroked with 1.6 units and tinted by the caller's token: no bitmaps.
/// Names: states (`pass`, `fail`, `warning`, `waiting`, `paused`, `undecided`, `no_data`, `source_down`), rail (`fleet`,
/// `model`, `drift`, `evaluate`, `train`, `audit`, `perch`), actions (`promote`, `weight`, `pause`, `resume`, `shadow`, `abort`,
/// `rollback`, `start`), and `lock`, `person`, `search`, `chevron_down`, `chevron_right`, `close`, `export`, `filter`,
/// `link`, `hash`, `note`, `minus`, `plus`, `copy`.
void paintGlyph(QPainter& painter, const QRectF& box, const QString& name, const QColor& color);
void paintGlyph(QPainter& painter, const QRectF& box, present::State state, const QColor& color);

/// As an icon for buttons: normal in `color`, disabled in `disabled`. Drawn again when the theme changes by the owner.
QIcon glyphIcon(const QString& name, const QColor& color, const QColor& disabled, int size = 16);

bool hasGlyph(const QString& name);

} // namespace perch::widgets
