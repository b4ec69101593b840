#pragma once

#include "core/fleet/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <optional>
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
    /// Empty: an absolute limit. Else a comparison with that version (core/rollout/comparison_gate.h): value and limit
    /// are differences, this version less the other.
    std::string against = {};
};

/// What a gate says on a live value.
struct GateVerdict {
    Gate gate;
    fleet::LiveValue value;
    Verdict verdict = Verdict::NoData;
    std::string reason;                    ///< what the numbers say, in a sentence or two
    std::optional<Seconds> decidesIn = {}; ///< of an undecided comparison, at the present weight and traffic
};

/// Decides on the interval, not on the point: pass when it lies wholly inside the limit, fail when wholly outside,
/// undecided when it crosses, when the sample is below the minimum or when the value is stale.
GateVerdict judge(const Gate& gate, const fleet::LiveValue& value);

/// The gates of a version: the limits of its model, then, if it is the canary, the comparisons with the stable version.
/// All are required, but for the comparisons where the model says that they advise.
std::vector<GateVerdict> gatesOf(const fleet::ModelFacts& model, Version version);

/// The verdict with its gate, value and reason: what `perch rollout status --json` prints and the audit keeps.
nlohmann::json toJson(const GateVerdict& verdict);

/// The value and its limit as people read them: `92.6 %`, `0.21`, `12.4 ms`.
std::string formatQuantity(Quantity quantity, double value);
/// A difference of two shares with its sign: `−0.8 pt` of accuracy, `+0.02 pt` of the error rate.
std::string formatDifference(Quantity quantity, double difference);

} // namespace perch::rollout
