#pragma once

#include "app/cli/context.h"

namespace perch::cli {

/// The verb that the command line named; empty until it is parsed.
VerbBody& chosenVerb();

} // namespace perch::cli
