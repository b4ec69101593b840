#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <chrono>

namespace perch::kube {

/// The status of a server that has forgotten the resourceVersion, or the list, that it is asked to go on from.
inline constexpr int kVersionGone = 410;

/// What takes the objects of a list or a watch, on the thread that reads them. An object is as the API wrote it (in a
/// list without `kind` and `apiVersion`), and is gone after the call: a sink keeps the few fields that it needs.
class ObjectSink {
public:
    virtual ~ObjectSink() = default;
    /// A list begins: what was told before is void once `listed` is called.
    virtual void listing() = 0;
    /// An object that is there, new or changed.
    virtual void put(const nlohmann::json& object) = 0;
    /// The list is complete; changes follow.
    virtual void listed() = 0;
    /// An object that is gone, as it was last.
    virtual void removed(const nlohmann::json& object) = 0;
    /// Nothing can be read now; it is tried again after `pause`. What was told before still is the best known.
    virtual void failed(const Error& error, std::chrono::milliseconds pause) = 0;
    /// After a failure: reading works again.
    virtual void recovered() = 0;
};

} // namespace perch::kube
