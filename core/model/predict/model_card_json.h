#pragma once

#include "core/model/predict/package.h"

namespace perch::model {

/// `binary`, `multi_class`, `regression`
std::string_view toString(Task task);
/// InvalidInput for any other text.
Result<Task> parseTask(std::string_view text);

/// card.json. Reading fails with InvalidInput that names the field.
nlohmann::json toJson(const ModelCard& card);
Result<ModelCard> modelCardFromJson(const nlohmann::json& document);

} // namespace perch::model
