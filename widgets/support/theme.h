#pragma once

#include "core/present/state.h"

#include <QColor>
#include <QPalette>

#include <array>

namespace perch::widgets {

/// The color tokens of the design language, section 1. Painters read tokens, never literal colors. Two constant
/// instances; the current one changes only on the GUI thread, through setTheme, which repaints every window.
struct Theme {
    bool dark = false;
    QColor win, surface, raised, sunken;
    QColor line, grid, line2;
    QColor ink, ink2, ink3;
    QColor accent, accentBg, onAccent, sel;
    QColor pass, passBg;
    QColor warn, warnFill, warnBg;
    QColor fail, failBg;
    QColor none, noneBg;
    QColor prod, prodFill, onProd;
    QColor stable, onStable;
    QColor canary, canaryBg, onCanary;
    QColor shadow;
    QColor dim; ///< over the window behind a dialog, with its alpha
    std::array<QColor, 6> ramp;

    QColor text(present::State state) const;       ///< glyph and word
    QColor background(present::State state) const; ///< of a chip
    bool dashed(present::State state) const;       ///< chips of undecided, no data and source down have a dashed border
    QColor text(present::Tone tone) const;
    QColor on(present::Tone tone) const;           ///< readable on a fill of that tone
    QPalette palette() const;
};

extern const Theme kLightTheme;
extern const Theme kDarkTheme;

const Theme& theme();
void setTheme(const Theme& theme);

} // namespace perch::widgets
