#pragma once

#include "core/data/quality/label_candidates.h"
#include "core/data/table.h"

#include <string>
#include <vector>

namespace perch::data {

/// What a first perch.yaml is written from.
struct SpecDraftRequest {
    std::string model;
    std::string data;  ///< as the file will name it, relative to its own folder
    std::string label; ///< a column of the table
    bool labelGuessed = false;
    std::vector<LabelCandidate> candidates = {}; ///< named beside a guessed label
};

/// The text of a perch.yaml for a table: what was seen as comments, limits that this table keeps with room to spare,
/// and the defaults that a person may want to change. It passes parseModelSpec. `table` holds the label as texts if it
/// is of classes. InvalidInput if there is no such label.
Result<std::string> draftModelSpec(const Table& table, const SpecDraftRequest& request);

/// A text as a YAML scalar that reads back as that text, quoted unless it is a plain word.
std::string yamlText(std::string_view text);

} // namespace perch::data
