#pragma once

#include "core/data/build/build_report.h"

#include <filesystem>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace perch::data {

/// The columns of a built table that are no inputs of a model: keys, times, and the partition of the rows' dates, which
/// readers see as a column `date`. Those in `kept` (the label, the column of a split) are left out of the answer.
std::vector<std::string> columnsWithoutInputs(std::span<const BuiltColumn> columns, std::span<const BuiltPart> parts,
                                              const std::set<std::string>& kept);

/// The same of a folder that `perch data build` published (`DATASET/current`), by its manifest. Nothing for a path that
/// is no such folder; Corrupt that names the manifest if it is damaged.
Result<std::vector<std::string>> columnsWithoutInputs(const std::filesystem::path& dataset,
                                                      const std::set<std::string>& kept);

} // namespace perch::data
