#include "core/rollout/comparison_gate.h"

#include "core/base/number_format.h"
#include "core/stats/sequential.h"

#include <algorithm>
#include <cmath>

namespace perch::rollout {

namespace {

using fleet::LiveValue;
using fleet::VersionFacts;
using telemetry::LiveState;

/// One side since the rollout began, and how fast it goes on.
struct Side {
    Version version;
    const LiveValue& share; ///< of right answers, or of errors
    double perSecond = 0;   ///< trials in the window of today
    bool errors = false;

    /// Successes are right answers, or requests that did not fail.
    stats::Stream stream() const {
        const auto events =
            static_cast<std::uint64_t>(std::llround(share.value.value_or(0) * static_cast<double>(share.sampleSize)));
        return {share.sampleSize, errors ? share.sampleSize - std::min(events, share.sampleSize) : events};
    }
};

const char* trialsWord(Quantity quantity) {
    return quantity == Quantity::ErrorRate ? "requests" : "labelled requests";
}

double rateOf(const LiveValue& live, bool perSecond) {
    if (!live.value || live.state != LiveState::Ok)
        return 0;
    if (perSecond)
        return *live.value;
    return live.window.count() > 0 ? static_cast<double>(live.sampleSize) / live.window.count() : 0;
}

Side sideOf(const VersionFacts& facts, Quantity quantity) {
    const bool errors = quantity == Quantity::ErrorRate;
    return {facts.version, errors ? facts.sinceStart.errorRate : facts.sinceStart.accuracy,
            errors ? rateOf(facts.quality.requestsPerSecond, true) : rateOf(facts.quality.accuracy, false), errors};
}

/// Why there is nothing to compare; empty if there is.
std::string missingWords(const Side& side, Quantity quantity, Verdict& verdict) {
    const LiveValue& share = side.share;
    if (share.state == LiveState::SourceDown) {
        verdict = Verdict::SourceDown;
        return fmt::format("The source of the {} of {} does not answer.", trialsWord(quantity), side.version.text());
    }
    if (share.state == LiveState::NoData || !share.value) {
        verdict = Verdict::NoData;
        return fmt::format("There is no count of the {} of {} since the rollout began.", trialsWord(quantity),
                           side.version.text());
    }
    return {};
}

struct Comparison {
    Gate gate;
    stats::SequentialOptions options;
    double margin;
    Percent weight;
    Side canary, stable;

    GateVerdict judge() const;

private:
    void decide(GateVerdict& result, const stats::SequentialDifference& difference) const;
    std::optional<Seconds> timeToDecide() const;
    std::string timeWords(const std::optional<Seconds>& time) const;
};

/// The shares of today go on; where the canary has hardly a sample, it is taken to be like the stable version.
std::optional<Seconds> Comparison::timeToDecide() const {
    const auto shareOf = [](const stats::Stream& stream) {
        return static_cast<double>(stream.successes) / static_cast<double>(stream.trials);
    };
    stats::SequentialPlan plan;
    plan.weight = weight.share();
    plan.trialsPerSecond = canary.perSecond + stable.perSecond;
    plan.margin = margin;
    plan.canarySeen = canary.stream();
    plan.stableSeen = stable.stream();
    if (plan.stableSeen.trials == 0)
        return std::nullopt;
    plan.stableShare = shareOf(plan.stableSeen);
    plan.canaryShare = plan.canarySeen.trials < stats::kSequentialTrials ? plan.stableShare : shareOf(plan.canarySeen);
    const auto seconds = stats::secondsToDecide(plan, options);
    return seconds ? std::optional(Seconds(*seconds)) : std::nullopt;
}

std::string Comparison::timeWords(const std::optional<Seconds>& time) const {
    const double rate = canary.perSecond + stable.perSecond;
    const std::string flow =
        rate < 1 ? fmt::format("{} {} an hour", formatDecimal(rate * 3'600, 0), trialsWord(gate.quantity))
                 : fmt::format("{} {}/s", formatDecimal(rate, rate < 10 ? 1 : 0), trialsWord(gate.quantity));
    const std::string pace = fmt::format("at {} % and {}", weight.text(), flow);
    if (!time)
        return rate > 0 ? fmt::format("It does not decide within ten years {}.", pace)
                        : fmt::format("Nothing comes in now that would decide it.");
    return fmt::format("It decides in about {} {}.", aboutTime(*time), pace);
}

void Comparison::decide(GateVerdict& result, const stats::SequentialDifference& difference) const {
    const bool errors = gate.quantity == Quantity::ErrorRate;
    // Fewer failures is more successes.
    result.value.value = errors ? -difference.value : difference.value;
    result.value.low = errors ? -difference.interval.high : difference.interval.low;
    result.value.high = errors ? -difference.interval.low : difference.interval.high;
    std::string what;
    switch (stats::verdictOf(difference, margin)) {
    case stats::SequentialVerdict::Better:
        result.verdict = Verdict::Pass;
        what = "is better than";
        break;
    case stats::SequentialVerdict::NotWorse:
        result.verdict = Verdict::Pass;
        what = "is not worse than";
        break;
    case stats::SequentialVerdict::Worse:
        result.verdict = Verdict::Fail;
        what = "is worse than";
        break;
    case stats::SequentialVerdict::Undecided:
        result.verdict = Verdict::Undecided;
        what = "cannot be told yet from";
        break;
    }
    result.reason = fmt::format(
        "The {} of {} {} that of {}: {} ({} to {}, {} at any look), limit {}.", nameOf(gate.quantity),
        gate.version.text(), what, gate.against, formatDifference(gate.quantity, *result.value.value),
        formatDifference(gate.quantity, *result.value.low), formatDifference(gate.quantity, *result.value.high),
        formatPercent(1 - options.alpha, 0), formatDifference(gate.quantity, gate.limit));
}

GateVerdict Comparison::judge() const {
    GateVerdict result{gate, {}, Verdict::NoData, {}, {}};
    LiveValue& value = result.value;
    value.window = canary.share.window;
    value.sampleSize = std::min(canary.share.sampleSize, stable.share.sampleSize);
    value.age = std::max(canary.share.age, stable.share.age);
    value.state = std::max(canary.share.state, stable.share.state);
    value.source = canary.share.source;
    for (const Side* side : {&canary, &stable}) {
        result.reason = missingWords(*side, gate.quantity, result.verdict);
        if (!result.reason.empty())
            return result;
    }
    result.verdict = Verdict::Undecided;
    const auto difference = stats::compareAnytime(canary.stream(), stable.stream(), options);
    if (difference)
        decide(result, *difference);
    else
        result.reason =
            fmt::format("{} has {} {} since the rollout began and {} has {}: nothing is said before {} of each.",
                        gate.version.text(), formatCount(canary.share.sampleSize), trialsWord(gate.quantity),
                        gate.against, formatCount(stable.share.sampleSize), stats::kSequentialTrials);
    if (value.state == LiveState::Stale) {
        result.verdict = Verdict::Undecided;
        result.reason += fmt::format(" That is {} old.", formatAge(value.age));
    } else if (result.verdict == Verdict::Undecided) {
        result.decidesIn = timeToDecide();
        result.reason += " " + timeWords(result.decidesIn);
    }
    return result;
}

Comparison comparisonOf(const fleet::ModelFacts& model, const VersionFacts& canary, const VersionFacts& stable,
                        Quantity quantity) {
    const spec::ComparisonSpec& spec = model.comparison;
    const bool errors = quantity == Quantity::ErrorRate;
    const double margin = errors ? spec.errorMargin : spec.accuracyMargin;
    const Gate gate{.quantity = quantity,
                    .version = canary.version,
                    .sense = errors ? Sense::AtMost : Sense::AtLeast,
                    .limit = errors ? margin : -margin,
                    .minimumSample = stats::kSequentialTrials,
                    .required = spec.use == spec::ComparisonSpec::Use::Required,
                    .against = stable.version.text()};
    // The sequence is made tightest for the difference that it has to tell from none.
    stats::SequentialOptions options{.alpha = spec.alpha};
    if (margin > 0)
        options.planned = std::min(margin, 0.5);
    return {gate, options, margin, model.route.canaryWeight, sideOf(canary, quantity), sideOf(stable, quantity)};
}

} // namespace

std::string aboutTime(Seconds time) {
    const double seconds = time.count();
    const double unit = seconds >= 48 * 3600 ? 24 * 3600 : seconds >= 2 * 3600 ? 3600 : seconds >= 90 ? 60 : 1;
    return formatAge(Seconds(std::max(1.0, std::round(seconds / unit)) * unit));
}

std::vector<GateVerdict> comparisonsOf(const fleet::ModelFacts& model, Version version) {
    const VersionFacts* canary = model.find(version);
    const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
    if (canary == nullptr || stable == nullptr || model.route.canary != version || stable == canary ||
        model.comparison.use == spec::ComparisonSpec::Use::Off)
        return {};
    return {comparisonOf(model, *canary, *stable, Quantity::Accuracy).judge(),
            comparisonOf(model, *canary, *stable, Quantity::ErrorRate).judge()};
}

} // namespace perch::rollout
