#pragma once

#include "widgets/shell/facts.h"
#include "widgets/support/model_choices.h"

namespace perch::widgets {

/// The registered versions, newest first, and the files that are known: that of the last evaluation, those that the
/// versions were trained on, and those of the last comparison. Empty lists for a model that is not served.
ModelChoices knownChoices(const Facts& facts, const ModelName& name);

} // namespace perch::widgets
