#pragma once

#include "core/fleet/facts_source.h"
#include "core/rollout/operations.h"

#include <string>

namespace perch::rollout {

/// Where models run, as a program sees it: what is read there and what is done. Opening one starts nothing. One thread
/// at a time: a program that reads on one thread and acts on another opens it twice.
class Platform {
public:
    virtual ~Platform() = default;
    virtual fleet::FactsSource& facts() = 0;
    virtual Operations& operations() = 0;
    /// Why there is nothing to show before somebody does something, in one sentence; empty: there is no such reason.
    virtual std::string whyEmpty() { return {}; }
};

} // namespace perch::rollout
