#pragma once

#include "core/model/predict/package.h"

namespace perch::fuzz {

/// A package of two numbers, a truth and a category, without trees: all that is looked at before a row is scored.
model::PackageParts smallPackage();

} // namespace perch::fuzz
