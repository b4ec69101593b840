#pragma once

#include <nlohmann/json_fwd.hpp>

namespace perch::spec {

/// The JSON Schema (draft 2020-12) of perch.yaml, made from specKeys(), so that editors complete and check the file.
/// A text may also be written as a plain number or boolean: perch.yaml takes `positive: 1` for the text 1.
nlohmann::json modelSpecSchema();

} // namespace perch::spec
