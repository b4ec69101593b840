#pragma once

#include "core/evaluate/evaluation.h"

#include <string>
#include <string_view>

namespace perch::evaluate {

/// One self-contained HTML page: no script, no outside resource, charts as inline SVG; prints on A4. All text that
/// comes from data is escaped.
std::string makeReport(const Evaluation& evaluation);

/// `&`, `<`, `>` and both quotes as entities.
std::string escapeHtml(std::string_view text);

} // namespace perch::evaluate
