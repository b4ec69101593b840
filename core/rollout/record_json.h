#pragma once

#include "core/fleet/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace perch::rollout {

/// The rollout record as the platform keeps it: one compact JSON object, the value of `Rollout/<model> record`.
nlohmann::json toJson(const fleet::RolloutRecord& record);
/// InvalidInput that names the field; unknown fields are ignored, absent ones have their defaults.
Result<fleet::RolloutRecord> rolloutRecordFromJson(const nlohmann::json& json);

/// `"v7"`, or null.
nlohmann::json versionJson(const std::optional<Version>& version);

/// The same as text. There is no record where `revision` is 0: its text is empty.
std::string recordText(const fleet::RolloutRecord& record);
Result<fleet::RolloutRecord> parseRecord(std::string_view text);

/// Whether two records say the same about the rollout. What the executor fills in at the moment of writing (revision,
/// fence, audit head) is not compared.
bool sameRollout(const fleet::RolloutRecord& one, const fleet::RolloutRecord& other);

/// The weight that the record wants for the canary.
Percent wantedWeight(const fleet::RolloutRecord& record);

std::string_view toString(fleet::RolloutRecord::Goal goal); ///< `step`, `roll_back`...
std::string_view toString(fleet::HoldReason reason);        ///< `person`, `no_data`...

} // namespace perch::rollout
