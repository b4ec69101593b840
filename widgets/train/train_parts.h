#pragma once

#include "core/present/train_screen.h"
#include "widgets/support/button.h"
#include "widgets/support/text.h"

namespace perch::widgets {

/// One size, color and weight for words and figures alike; weight 0 is the scale's own.
inline RunStyle styleOf(Size size, const QColor& color, int weight = 0) {
    RunStyle style;
    style.size = size;
    style.color = color;
    style.weight = style.argumentWeight = weight;
    return style;
}

/// What a button of the Train screen says and whether it can be pressed; not whether it is there.
inline void showAction(Button& button, const present::TrainAction& action) {
    button.setLabel(action.label);
    button.setEnabled(action.enabled);
    button.setToolTip(toQString(action.reason));
    button.setAccessibleDescription(toQString(action.reason));
}

} // namespace perch::widgets
