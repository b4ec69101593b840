#include "core/telemetry/quality_sums.h"

#include "core/stats/intervals.h"
#include "core/stats/psi.h"

#include <algorithm>
#include <cmath>

namespace perch::telemetry {

namespace {

constexpr const char* kByLabels = "labels model, model_version";

std::uint64_t toCount(double sum) {
    return sum > 0 ? static_cast<std::uint64_t>(std::llround(sum)) : 0;
}

LiveValue emptyValue(std::optional<Seconds> age, const Freshness& freshness) {
    LiveValue value;
    value.window = freshness.window;
    value.age = age.value_or(Seconds(0));
    value.state = stateOfAge(age, freshness.scrapeInterval) == LiveState::SourceDown && age ? LiveState::SourceDown
                                                                                            : LiveState::NoData;
    value.source = kByLabels;
    return value;
}

LiveValue measured(double number, double trials, std::optional<Seconds> age, const Freshness& freshness) {
    LiveValue value = emptyValue(age, freshness);
    value.value = number;
    value.sampleSize = toCount(trials);
    value.state = stateOfAge(age, freshness.scrapeInterval);
    return value;
}

struct Confusion {
    double all = 0, right = 0, truePositives = 0, falsePositives = 0, falseNegatives = 0;
};

/// A regression has no classes: its answers count as within the declared tolerance of the truth or outside.
bool isRegression(const QualitySums& sums) {
    return std::ranges::all_of(sums.labelled, [](const auto& entry) {
        const auto& [truth, predicted] = entry.first;
        return truth == "any" && (predicted == "within" || predicted == "outside");
    });
}

Confusion confusionOf(const QualitySums& sums, const std::string& positive) {
    Confusion confusion;
    const bool regression = isRegression(sums);
    for (const auto& [classes, count] : sums.labelled) {
        const auto& [truth, predicted] = classes;
        confusion.all += count;
        confusion.right += (regression ? predicted == "within" : truth == predicted) ? count : 0;
        if (positive.empty())
            continue;
        confusion.truePositives += truth == positive && predicted == positive ? count : 0;
        confusion.falsePositives += truth != positive && predicted == positive ? count : 0;
        confusion.falseNegatives += truth == positive && predicted != positive ? count : 0;
    }
    return confusion;
}

double outcome(const QualitySums& sums, const char* name) {
    const auto found = sums.requests.find(name);
    return found == sums.requests.end() ? 0 : found->second;
}

void addRequestQuantities(Quality& quality, const QualitySums& sums, const Freshness& freshness) {
    double all = 0;
    for (const auto& [name, count] : sums.requests)
        all += count;
    const double failed = outcome(sums, "error") + outcome(sums, "overloaded");
    quality.errorRate = shareValue(failed, all, sums.requestAge, freshness);
    // Unlike a rate of errors, no requests in the window is a measurement: 0 requests/s.
    quality.requestsPerSecond = sums.requests.empty()
                                    ? emptyValue(sums.requestAge, freshness)
                                    : measured(all / freshness.window.count(), all, sums.requestAge, freshness);
    const auto latency = [&](std::optional<double> seconds) {
        return seconds && all > 0 ? measured(*seconds * 1e3, all, sums.requestAge, freshness)
                                  : emptyValue(sums.requestAge, freshness);
    };
    quality.p50Ms = latency(sums.p50Seconds);
    quality.p99Ms = latency(sums.p99Seconds);
}

FeatureDrift driftOf(const std::string& name, const QualitySums::Feature& feature, const QualitySums& sums,
                     const Freshness& freshness) {
    FeatureDrift drift{name, feature.importance, {}};
    std::vector<std::uint64_t> reference, current;
    double rows = 0;
    for (const auto& [bin, ratio] : feature.referenceRatio) {
        reference.push_back(toCount(ratio * sums.referenceRows));
        const auto found = feature.rows.find(bin);
        const double count = found == feature.rows.end() ? 0 : found->second;
        current.push_back(toCount(count));
        rows += count;
        drift.bins.push_back({bin, ratio, count});
    }
    const auto psi = stats::psi(reference, current);
    drift.psi = psi ? measured(*psi, rows, sums.requestAge, freshness) : emptyValue(sums.requestAge, freshness);
    if (rows <= 0)
        drift.bins.clear();
    for (LiveBin& bin : drift.bins)
        bin.current /= rows;
    return drift;
}

/// The model's score is the mean over its features, weighted by importance; its sample is the smallest of theirs.
LiveValue driftScore(const std::vector<FeatureDrift>& features, const QualitySums& sums, const Freshness& freshness) {
    double weighted = 0, weights = 0;
    std::uint64_t sample = 0;
    for (const FeatureDrift& feature : features) {
        if (!feature.psi.value)
            continue;
        sample = weights == 0 ? feature.psi.sampleSize : std::min(sample, feature.psi.sampleSize);
        weighted += feature.importance * *feature.psi.value;
        weights += feature.importance;
    }
    if (weights <= 0)
        return emptyValue(sums.requestAge, freshness);
    return measured(weighted / weights, static_cast<double>(sample), sums.requestAge, freshness);
}

template <typename Visit>
void visitValues(Quality& quality, Visit visit) {
    for (LiveValue* value : {&quality.accuracy, &quality.precision, &quality.recall, &quality.f1, &quality.drift,
                             &quality.p50Ms, &quality.p99Ms, &quality.errorRate, &quality.requestsPerSecond})
        visit(*value);
    for (FeatureDrift& feature : quality.features)
        visit(feature.psi);
}

} // namespace

LiveState stateOfAge(std::optional<Seconds> age, Seconds scrapeInterval) {
    if (!age)
        return LiveState::NoData;
    if (*age > 5 * scrapeInterval)
        return LiveState::SourceDown;
    return *age > 2 * scrapeInterval ? LiveState::Stale : LiveState::Ok;
}

LiveValue shareValue(double successes, double trials, std::optional<Seconds> age, const Freshness& freshness) {
    const std::uint64_t n = toCount(trials);
    if (n == 0)
        return emptyValue(age, freshness);
    const std::uint64_t k = std::min(toCount(successes), n);
    LiveValue value = measured(std::clamp(successes / trials, 0.0, 1.0), trials, age, freshness);
    if (const auto interval = stats::wilsonInterval(k, n)) {
        value.low = interval->low;
        value.high = interval->high;
    }
    return value;
}

Quality qualityOf(const QualitySums& sums, const std::string& positive, const Freshness& freshness) {
    Quality quality;
    const Confusion c = confusionOf(sums, positive);
    quality.accuracy = shareValue(c.right, c.all, sums.labelAge, freshness);
    quality.precision = shareValue(c.truePositives, c.truePositives + c.falsePositives, sums.labelAge, freshness);
    quality.recall = shareValue(c.truePositives, c.truePositives + c.falseNegatives, sums.labelAge, freshness);
    const double f1Denominator = 2 * c.truePositives + c.falsePositives + c.falseNegatives;
    quality.f1 = toCount(f1Denominator) > 0
                     ? measured(2 * c.truePositives / f1Denominator, c.all, sums.labelAge, freshness)
                     : emptyValue(sums.labelAge, freshness);
    addRequestQuantities(quality, sums, freshness);
    for (const auto& [name, feature] : sums.features)
        quality.features.push_back(driftOf(name, feature, sums, freshness));
    quality.drift = driftScore(quality.features, sums, freshness);
    std::ranges::stable_sort(quality.features, std::greater{},
                             [](const FeatureDrift& f) { return f.importance * f.psi.value.value_or(0); });
    return quality;
}

void markSourceDown(LiveValue& value, Seconds by) {
    value.age += by;
    value.state = LiveState::SourceDown;
}

void markSourceDown(SinceStart& since, Seconds by) {
    markSourceDown(since.accuracy, by);
    markSourceDown(since.errorRate, by);
}

void markSourceDown(Quality& quality, Seconds by) {
    visitValues(quality, [by](LiveValue& value) { markSourceDown(value, by); });
}

} // namespace perch::telemetry
