#include "core/rollout/gate.h"

#include "core/base/number_format.h"
#include "core/rollout/comparison_gate.h"
#include "core/telemetry/live_value_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace perch::rollout {

namespace {

using fleet::LiveValue;
using telemetry::LiveState;

/// Rows below which a drift score is mostly noise.
constexpr std::uint64_t kDriftSample = 1'000;
/// Requests below which a 99th percentile or an error rate says nothing.
constexpr std::uint64_t kRequestSample = 100;

struct Interval {
    double low;
    double high;
};

bool wholly(const Interval& interval, Sense sense, double limit, bool inside) {
    const bool high = interval.low >= limit;
    const bool low = interval.high <= limit;
    const bool strictlyLow = interval.high < limit;
    const bool strictlyHigh = interval.low > limit;
    if (sense == Sense::AtLeast)
        return inside ? high : strictlyLow;
    return inside ? low : strictlyHigh;
}

std::string limitWords(const Gate& gate) {
    return "limit " + formatQuantity(gate.quantity, gate.limit);
}

std::string gateWords(const Gate& gate, const LiveValue& value) {
    return fmt::format("The {} of {} is {}, {}", nameOf(gate.quantity), gate.version.text(),
                       formatQuantity(gate.quantity, *value.value), limitWords(gate));
}

Verdict measured(const Gate& gate, const LiveValue& value, std::string& reason) {
    reason = gateWords(gate, value);
    if (value.state == LiveState::Stale) {
        reason += fmt::format(", but that is {} old.", formatAge(value.age));
        return Verdict::Undecided;
    }
    if (value.sampleSize < gate.minimumSample) {
        reason += fmt::format(", on {} of the {} that decide.", formatCount(value.sampleSize),
                              formatCount(gate.minimumSample));
        return Verdict::Undecided;
    }
    const Interval interval{value.low.value_or(*value.value), value.high.value_or(*value.value)};
    if (wholly(interval, gate.sense, gate.limit, true)) {
        reason += ".";
        return Verdict::Pass;
    }
    if (wholly(interval, gate.sense, gate.limit, false)) {
        reason += ".";
        return Verdict::Fail;
    }
    reason += fmt::format(", and its interval {} to {} crosses it.", formatQuantity(gate.quantity, interval.low),
                          formatQuantity(gate.quantity, interval.high));
    return Verdict::Undecided;
}

const LiveValue& valueOf(const fleet::Quality& quality, Quantity quantity) {
    switch (quantity) {
    case Quantity::Accuracy:
        return quality.accuracy;
    case Quantity::Drift:
        return quality.drift;
    case Quantity::P99:
        return quality.p99Ms;
    case Quantity::ErrorRate:
        break;
    }
    return quality.errorRate;
}

} // namespace

std::string_view toString(Quantity quantity) {
    switch (quantity) {
    case Quantity::Accuracy:
        return "accuracy";
    case Quantity::Drift:
        return "drift";
    case Quantity::P99:
        return "p99";
    case Quantity::ErrorRate:
        return "error_rate";
    }
    return "accuracy";
}

std::string nameOf(Quantity quantity) {
    switch (quantity) {
    case Quantity::Accuracy:
        return "live accuracy";
    case Quantity::Drift:
        return "drift";
    case Quantity::P99:
        return "p99 latency";
    case Quantity::ErrorRate:
        break;
    }
    return "error rate";
}

std::string_view toString(Verdict verdict) {
    switch (verdict) {
    case Verdict::Pass:
        return "pass";
    case Verdict::Fail:
        return "fail";
    case Verdict::Undecided:
        return "undecided";
    case Verdict::NoData:
        return "no_data";
    case Verdict::SourceDown:
        return "source_down";
    }
    return "no_data";
}

std::string formatQuantity(Quantity quantity, double value) {
    switch (quantity) {
    case Quantity::Accuracy:
        return formatPercent(value);
    case Quantity::ErrorRate:
        return formatPercent(value, 2);
    case Quantity::Drift:
        return formatDecimal(value, 2);
    case Quantity::P99:
        break;
    }
    return formatLatency(value);
}

std::string formatDifference(Quantity quantity, double difference) {
    return quantity == Quantity::Accuracy ? formatPoints(difference) : formatSigned(difference * 100, 2) + "\u00a0pt";
}

GateVerdict judge(const Gate& gate, const LiveValue& value) {
    GateVerdict result{gate, value, Verdict::NoData, {}, {}};
    const std::string what = fmt::format("the {} of {}", nameOf(gate.quantity), gate.version.text());
    if (value.state == LiveState::SourceDown) {
        result.verdict = Verdict::SourceDown;
        result.reason = fmt::format("The source of {} does not answer.", what);
    } else if (value.state == LiveState::NoData || !value.value) {
        result.reason = fmt::format("There is no data on {}.", what);
    } else {
        result.verdict = measured(gate, value, result.reason);
    }
    return result;
}

nlohmann::json toJson(const GateVerdict& verdict) {
    const Gate& gate = verdict.gate;
    return {{"quantity", toString(gate.quantity)},
            {"version", gate.version.text()},
            {"against", gate.against},
            {"sense", gate.sense == Sense::AtLeast ? "at_least" : "at_most"},
            {"limit", gate.limit},
            {"minimum_sample", gate.minimumSample},
            {"required", gate.required},
            {"value", toJson(verdict.value)},
            {"verdict", toString(verdict.verdict)},
            {"reason", verdict.reason},
            {"decides_in_s", verdict.decidesIn ? nlohmann::json(verdict.decidesIn->count()) : nlohmann::json()}};
}

std::vector<GateVerdict> gatesOf(const fleet::ModelFacts& model, Version version) {
    const fleet::VersionFacts* facts = model.find(version);
    const fleet::Quality quality = facts == nullptr ? fleet::Quality() : facts->quality;
    const std::vector<Gate> gates{
        {Quantity::Accuracy, version, Sense::AtLeast, model.accuracyLimit, model.minimumSample},
        {Quantity::Drift, version, Sense::AtMost, model.driftLimit, kDriftSample},
        {Quantity::P99, version, Sense::AtMost, model.p99LimitMs, kRequestSample},
        {Quantity::ErrorRate, version, Sense::AtMost, model.errorRateLimit, kRequestSample},
    };
    std::vector<GateVerdict> verdicts;
    for (const Gate& gate : gates)
        verdicts.push_back(judge(gate, valueOf(quality, gate.quantity)));
    std::ranges::move(comparisonsOf(model, version), std::back_inserter(verdicts));
    return verdicts;
}

} // namespace perch::rollout
