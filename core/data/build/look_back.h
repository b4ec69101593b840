#pragma once

#include "core/data/build/cell_parser.h"
#include "core/spec/build_spec.h"

namespace perch::data {

/// The first moment of a window that ends (exclusively) at `asOf`: calendar months back in UTC, at the same time of day,
/// on the last day of a month that is shorter (three months before May 31 is February 28); or seconds back. Without a
/// window the beginning of time. Pure.
Micros windowStart(Micros asOf, const spec::WindowSpec& window);

} // namespace perch::data
