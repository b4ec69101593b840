#pragma once

#include "core/fleet/snapshot.h"

#include <string>
#include <string_view>
#include <vector>

namespace perch::rollout {

/// The live numbers that gates look at.
enum class Quantity { Accuracy, Drift, P99, ErrorRate };
std::string_view toString(Quantity quantity); ///< `accuracy`, `drift`, `p99`, `error_rate`
std::string nameOf(Quantity quantity);        ///< `live accuracy`: inside a sentence

/// Which side of the limit is good.
enum class Sense { AtLeast, AtMost };

/// Only Fail of a required gate aborts; the last three hold. None but Pass is ever shown as healthy.
enum class Verdict { Pass, Fail, Undecided, NoData, SourceDown };
std::string_view toString(Verdict verdict); ///< `pass`, `no_data`...

/// A quantity of a version with its limit and its smallest sample.
struct Gate {
    Quantity quantity = Quantity::Accuracy;
    Version version;
    Sense sense = Sense::AtLeast;
    double limit = 0;
    std::uint64_t minimumSample = 0;
    bool required = true;
    std::string against = {}; ///< empty: an absolute limit; else what the limit is: `v7`
};

/// What a gate says on a live value.
struct GateVerdict {
    Gate gate;
    fleet::LiveValue value;
    Verdict verdict = Verdict::NoData;
    std::string reason; ///< one sentence with the numbers
};

/// Decides on the interval, not on the point: pass when it lies wholly inside the limit, fail when wholly outside,
/// undecided when it crosses, when the sample is below the minimum or when the value is stale.
GateVerdict judge(const Gate& gate, const fleet::LiveValue& value);

/// The gates of a version with the limits of its model: required ones first, then advisory (accuracy against the
/// stable version, if `version` is not that one).
std::vector<GateVerdict> gatesOf(const fleet::ModelFacts& model, Version version);

/// The value and its limit as people read them: `92.6 %`, `0.21`, `12.4 ms`.
std::string formatQuantity(Quantity quantity, double value);

} // namespace perch::rollout
