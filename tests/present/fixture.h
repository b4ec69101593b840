#pragma once

#include "core/base/json.h"
#include "core/fleet/snapshot_json.h"
#include "tests/support/test_support.h"

#include <nlohmann/json.hpp>

namespace perch::test {

/// A recorded snapshot of tests/fixtures.
inline fleet::SnapshotPtr recorded(const std::string& name) {
    const std::string text = valueOf(readFile(sourceFolder() / "tests/fixtures" / name));
    return valueOf(fleet::snapshotFromJson(valueOf(parseJson(text, name))));
}

inline ModelName nameOf(const std::string& text) {
    return valueOf(ModelName::parse(text));
}

/// A copy in which one model was changed.
inline fleet::Snapshot withModel(const fleet::Snapshot& snapshot, const std::string& name,
    const std::function<void(fleet::ModelFacts&)>& change) {
    fleet::Snapshot copy = snapshot;
    for (fleet::ModelFacts& model : copy.models) {
        if (model.model.text() == name)
            change(model);
    }
    return copy;
}

} // namespace perch::test
