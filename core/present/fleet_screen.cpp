#include "core/present/fleet_screen.h"

#include "core/base/number_format.h"
#include "core/present/audit_screen.h"
#include "core/present/gates.h"
#include "core/present/needs_you.h"
#include "core/present/shell_screen.h"
#include "core/present/words.h"

#include <cmath>

namespace perch::present {

namespace {

using fleet::ModelFacts;
using fleet::VersionFacts;
using telemetry::LiveState;

constexpr Seconds kSparkWindow{7 * 86'400.0};
constexpr std::size_t kSparkSlots = 84;
constexpr std::size_t kCardsShown = 4;

/// The last value of each slot of the window; samples outside it are left out.
std::vector<std::optional<double>> resample(const fleet::Series& series, SystemTime start, SystemTime end) {
    std::vector<std::optional<double>> slots(kSparkSlots);
    const double slot = std::chrono::duration<double>(end - start).count() / static_cast<double>(kSparkSlots);
    for (std::size_t i = 0; i < series.values.size(); ++i) {
        const double at = std::chrono::duration<double>(series.start - start).count() +
                          series.step.count() * static_cast<double>(i);
        const double index = std::ceil(at / slot) - 1;
        if (series.values[i] && index >= -1 && index < static_cast<double>(kSparkSlots))
            slots[static_cast<std::size_t>(std::max(index, 0.0))] = series.values[i];
    }
    return slots;
}

/// A series that covers less than the window (a young platform, the demo) fills the spark from its own start.
SystemTime sparkStart(const std::vector<const fleet::Series*>& all, SystemTime end) {
    SystemTime first = end;
    for (const fleet::Series* series : all) {
        const auto sample = std::find_if(series->values.begin(), series->values.end(), [](auto& v) { return v.has_value(); });
        if (sample != series->values.end()) {
            const auto offset = series->step * static_cast<double>(sample - series->values.begin());
            first = std::min(first, series->start + std::chrono::duration_cast<std::chrono::milliseconds>(offset));
        }
    }
    const auto window = std::chrono::duration_cast<std::chrono::milliseconds>(kSparkWindow);
    return std::max(first, end - window);
}

void scaleToRange(Spark& spark, double limit) {
    double low = 1e300;
    double high = -1e300;
    for (const Spark::Line& line : spark.lines) {
        for (const std::optional<double>& value : line.values) {
            low = value ? std::min(low, *value) : low;
            high = value ? std::max(high, *value) : high;
        }
    }
    if (low > high)
        return;
    // Noise of a tenth of a point must not look like a mountain.
    constexpr double kSmallestRange = 0.04;
    const double middle = (low + high) / 2;
    const double range = std::max(high - low, kSmallestRange) * 1.1;
    low = middle - range / 2;
    for (Spark::Line& line : spark.lines) {
        for (std::optional<double>& value : line.values)
            value = value ? std::optional((*value - low) / range) : value;
    }
    const double mark = (limit - low) / range;
    if (mark > 0.02 && mark < 0.98)
        spark.limit = mark;
}

const fleet::Series* accuracySeries(const VersionFacts* version) {
    if (version == nullptr)
        return nullptr;
    const auto found = version->series.find("accuracy");
    return found == version->series.end() || found->second.values.empty() ? nullptr : &found->second;
}

Spark makeSpark(const ModelFacts& model, const VersionFacts* stable, const VersionFacts* canary, SystemTime now) {
    Spark spark;
    std::vector<const fleet::Series*> all;
    for (const VersionFacts* version : {stable, canary}) {
        if (const fleet::Series* series = accuracySeries(version))
            all.push_back(series);
    }
    if (all.empty())
        return spark;
    const SystemTime start = sparkStart(all, now);
    if (start >= now)
        return spark;
    for (const VersionFacts* version : {stable, canary}) {
        if (const fleet::Series* series = accuracySeries(version))
            spark.lines.push_back({toneOf(version->role), false, resample(*series, start, now)});
    }
    if (stable != nullptr && !isCurrent(stable->quality.accuracy) && !spark.lines.empty()) {
        std::vector<std::optional<double>>& values = spark.lines.front().values;
        const auto last = std::find_if(values.rbegin(), values.rend(), [](auto& value) { return value.has_value(); });
        const auto gap = static_cast<std::size_t>(last - values.rbegin());
        spark.staleShare = static_cast<double>(gap) / static_cast<double>(values.size());
        for (Spark::Line& line : spark.lines)
            line.values.resize(line.values.size() - gap);
    }
    scaleToRange(spark, model.accuracyLimit);
    return spark;
}

/// The version beside stable: the canary, else the shadow.
const VersionFacts* candidateFacts(const ModelFacts& model) {
    if (model.route.canary)
        return model.find(*model.route.canary);
    return model.mirror ? model.find(model.mirror->version) : nullptr;
}

CandidateCell makeCandidate(const ModelFacts& model, const VersionFacts* canary) {
    CandidateCell cell;
    if (canary == nullptr) {
        cell.weight = noneText();
        return cell;
    }
    if (canary->role == fleet::Role::Shadow) {
        cell.version = canary->version;
        cell.tone = toneOf(canary->role);
        cell.weight = PERCH_TEXT("Fleet", "shadow, 0\u00a0% live");
        return cell;
    }
    cell.version = canary->version;
    cell.tone = toneOf(canary->role);
    cell.wanted = model.route.canaryWeight.share();
    cell.weight = verbatim(percentText(model.route.canaryWeight));
    if (isCurrent(canary->realWeight)) {
        cell.measured = canary->realWeight.value;
        cell.real = PERCH_TEXT("Fleet", "really %1", {weightShare(*canary->realWeight.value)});
    } else {
        cell.real = PERCH_TEXT("Fleet", "not measured");
    }
    return cell;
}

void fillAccuracy(FleetRow& row, const ModelFacts& model, const VersionFacts* stable, const VersionFacts* canary,
    const fleet::Snapshot& snapshot, SystemTime now) {
    if (stable == nullptr) {
        row.accuracy = {noneText(), Tone::Muted, State::NoData, {}};
        row.accuracyNote = PERCH_TEXT("Fleet", "no stable version");
        return;
    }
    const telemetry::LiveValue& value = stable->quality.accuracy;
    const Seconds age = ageNow(value, snapshot, now);
    row.accuracy = quantityCell(PERCH_TEXT("Fleet", "Live accuracy"), value, Unit::Percent1, age);
    if (!hasNumber(value)) {
        row.accuracyNote = value.state == LiveState::SourceDown ? PERCH_TEXT("Fleet", "source down")
                                                                : PERCH_TEXT("Fleet", "no labels yet");
        return;
    }
    if (!isCurrent(value)) {
        const auto at = now - std::chrono::duration_cast<std::chrono::milliseconds>(age);
        row.accuracyChange = {PERCH_TEXT("Fleet", "last seen"), Tone::Muted, row.accuracy.state, {}};
        row.accuracyNote = PERCH_TEXT("Fleet", "at %1, labels stopped", {hourMinute(at)});
        return;
    }
    const State verdict = gateState(model, stable->version, rollout::Quantity::Accuracy);
    row.accuracy.state = verdict;
    if (stable->record && stable->record->metrics.contains("accuracy")) {
        const double change = *value.value - stable->record->metrics.at("accuracy");
        row.accuracyChange = {verbatim(formatPoints(change)), verdict == State::Fail && change < 0 ? Tone::Fail : Tone::Secondary,
            verdict, PERCH_TEXT("Fleet", "against %1 on its own test rows",
                {formatPercent(stable->record->metrics.at("accuracy"))})};
    }
    row.accuracyNote = PERCH_TEXT("Fleet", "%1 labels", {formatCount(value.sampleSize)});
    if (canary != nullptr && isCurrent(canary->quality.accuracy)) {
        row.candidateAccuracy = {verbatim(canary->version.text() + " " + formatPercent(*canary->quality.accuracy.value)),
            toneOf(canary->role), State::Pass, {}};
    }
}

Bullet makeDrift(const ModelFacts& model, const VersionFacts* stable, const fleet::Snapshot& snapshot, SystemTime now) {
    Bullet bullet;
    const telemetry::LiveValue value = stable != nullptr ? stable->quality.drift : telemetry::LiveValue{};
    bullet.value = quantityCell(PERCH_TEXT("Fleet", "Input drift"), value, Unit::Decimal2, ageNow(value, snapshot, now));
    bullet.limit = PERCH_TEXT("Fleet", " / %1", {formatDecimal(model.driftLimit, 2)});
    bullet.known = hasNumber(value);
    if (!bullet.known)
        return bullet;
    bullet.fill = std::clamp(*value.value / (2 * model.driftLimit), 0.0, 1.0);
    const State verdict = gateState(model, stable->version, rollout::Quantity::Drift);
    bullet.over = verdict == State::Fail;
    if (bullet.over)
        bullet.value.tone = Tone::Fail;
    bullet.value.state = isCurrent(value) ? verdict : bullet.value.state;
    return bullet;
}

void fillReplicas(FleetRow& row, const ModelFacts& model) {
    std::uint32_t ready = 0;
    std::uint32_t desired = 0;
    std::uint32_t crashed = 0;
    for (const ReplicaGroup& group : makeReplicaGroups(model))
        row.replicas.insert(row.replicas.end(), group.tiles.begin(), group.tiles.end());
    // The broken ones first: they are what a person looks for.
    std::stable_partition(row.replicas.begin(), row.replicas.end(), [](auto& t) { return t.state == State::Fail; });
    for (const VersionFacts& version : model.versions) {
        ready += version.replicas.ready;
        desired += version.replicas.desired;
        crashed += static_cast<std::uint32_t>(std::count_if(version.replicas.items.begin(), version.replicas.items.end(),
            [](const fleet::Replica& replica) { return replica.state == fleet::Replica::State::Crashed; }));
    }
    const bool enough = ready >= desired;
    row.replicasReady = {verbatim(fmt::format("{} / {}", ready, desired)), enough ? Tone::Secondary : Tone::Fail,
        enough ? State::Pass : State::Fail, {}};
    row.replicasNote = crashed > 0 ? PERCH_TEXT("Fleet", " ready, %1 crashing", {std::to_string(crashed)})
                                   : PERCH_TEXT("Fleet", " ready");
}

Cell makeAge(const VersionFacts* stable, const fleet::Snapshot& snapshot, SystemTime now) {
    if (stable == nullptr)
        return {noneText(), Tone::Muted, State::NoData, {}};
    const fleet::Quality& q = stable->quality;
    std::optional<Seconds> oldest;
    State worst = State::Pass;
    for (const telemetry::LiveValue* value : {&q.accuracy, &q.drift, &q.p99Ms, &q.errorRate}) {
        if (!hasNumber(*value))
            continue;
        oldest = std::max(oldest.value_or(Seconds(0)), ageNow(*value, snapshot, now));
        if (!isCurrent(*value))
            worst = value->state == LiveState::Stale ? State::Warning : State::SourceDown;
    }
    if (!oldest)
        return {noneText(), Tone::Muted, State::NoData, {}};
    const Tone tone = worst == State::Pass ? Tone::Plain : worst == State::Warning ? Tone::Warning : Tone::Fail;
    return {verbatim(formatAge(*oldest)), tone, worst, PERCH_TEXT("Fleet", "oldest value read %1 ago", {formatAge(*oldest)})};
}

/// A quantity that must stay below a limit, without a bullet.
Cell limited(const Text& name, const telemetry::LiveValue& value, double limit, Unit unit, Tone overTone, Seconds age) {
    Cell cell = quantityCell(name, value, unit, age);
    if (isCurrent(value) && *value.value > limit) {
        cell.tone = overTone;
        cell.state = State::Warning;
    }
    return cell;
}

Text taskOf(const VersionFacts* stable) {
    if (stable == nullptr)
        return PERCH_TEXT("Fleet", "not served");
    if (!stable->record)
        return PERCH_TEXT("Fleet", "not in the registry");
    const std::string& source = stable->record->dataSource;
    return verbatim("XGBoost, " + source.substr(source.find_last_of('/') + 1));
}

FleetRow makeRow(const ModelFacts& model, const fleet::Snapshot& snapshot, SystemTime now) {
    const VersionFacts* stable = model.route.stable ? model.find(*model.route.stable) : nullptr;
    const VersionFacts* canary = candidateFacts(model);
    FleetRow row;
    row.model = model.model;
    row.task = taskOf(stable);
    row.stable = model.route.stable;
    row.candidate = makeCandidate(model, canary);
    row.spark = makeSpark(model, stable, canary, now);
    fillAccuracy(row, model, stable, canary, snapshot, now);
    row.drift = makeDrift(model, stable, snapshot, now);
    const fleet::Quality quality = stable != nullptr ? stable->quality : fleet::Quality{};
    row.p99 = limited(PERCH_TEXT("Fleet", "p99 latency"), quality.p99Ms, model.p99LimitMs, Unit::Milliseconds, Tone::Fail,
        ageNow(quality.p99Ms, snapshot, now));
    row.p99Limit = PERCH_TEXT("Fleet", "limit %1", {formatDecimal(model.p99LimitMs, 0)});
    row.errors = limited(PERCH_TEXT("Fleet", "Error rate"), quality.errorRate, model.errorRateLimit, Unit::Percent2,
        Tone::Warning, ageNow(quality.errorRate, snapshot, now));
    fillReplicas(row, model);
    row.state = makeModelChip(model);
    row.dataAge = makeAge(stable, snapshot, now);
    row.rollingOut = canary != nullptr;
    row.healthy = row.state.state == State::Pass;
    row.accessible = PERCH_TEXT("Fleet", "%1: %2, stable %3, live accuracy %4, input drift %5, p99 %6, %7 replicas ready",
        {model.model.text(), row.state.word.english(), row.stable ? row.stable->text() : "none",
            row.accuracy.text.english(), row.drift.value.text.english(), row.p99.text.english(),
            row.replicasReady.text.english()});
    return row;
}

std::vector<FleetScreen::FilterButton> makeFilters(const std::vector<FleetRow>& rows) {
    const auto count = [&](FleetFilter filter) {
        return std::to_string(
            std::count_if(rows.begin(), rows.end(), [&](const FleetRow& row) { return matches(row, filter); }));
    };
    return {{FleetFilter::All, PERCH_TEXT("Fleet", "All %1", {count(FleetFilter::All)})},
        {FleetFilter::NeedsYou, PERCH_TEXT("Fleet", "Needs you %1", {count(FleetFilter::NeedsYou)})},
        {FleetFilter::RollingOut, PERCH_TEXT("Fleet", "Rolling out %1", {count(FleetFilter::RollingOut)})},
        {FleetFilter::Healthy, PERCH_TEXT("Fleet", "Healthy %1", {count(FleetFilter::Healthy)})}};
}

Text titleOf(const fleet::Snapshot& snapshot) {
    std::uint32_t ready = 0;
    std::uint32_t desired = 0;
    for (const ModelFacts& model : snapshot.models) {
        for (const VersionFacts& version : model.versions) {
            ready += version.replicas.ready;
            desired += version.replicas.desired;
        }
    }
    const std::vector<std::string> numbers{std::to_string(snapshot.models.size()), std::to_string(ready),
        std::to_string(desired)};
    return snapshot.models.size() == 1 ? PERCH_TEXT("Fleet", "%1 model, %2 of %3 replicas ready", numbers)
                                       : PERCH_TEXT("Fleet", "%1 models, %2 of %3 replicas ready", numbers);
}

Text moreOf(const std::vector<NeedsYouCard>& cards) {
    if (cards.size() <= kCardsShown)
        return {};
    std::string names;
    for (std::size_t i = kCardsShown; i < cards.size() && i < kCardsShown + 2; ++i)
        names += (names.empty() ? "" : ", ") + cards[i].brief.english();
    return PERCH_TEXT("Fleet", "%1 more: %2", {std::to_string(cards.size() - kCardsShown), names});
}

} // namespace

bool matches(const FleetRow& row, FleetFilter filter) {
    switch (filter) {
    case FleetFilter::All: return true;
    case FleetFilter::NeedsYou: return row.needsYou;
    case FleetFilter::RollingOut: return row.rollingOut;
    case FleetFilter::Healthy: return row.healthy;
    }
    return true;
}

FleetScreen makeFleetScreen(const fleet::Snapshot& snapshot, SystemTime now, const AuditFacts* audit) {
    FleetScreen screen;
    screen.status.keys = {{"Enter", PERCH_TEXT("Fleet", "open")}, {"Ctrl+F", PERCH_TEXT("Fleet", "filter")},
        {"F5", PERCH_TEXT("Fleet", "read again")}, {"F1", PERCH_TEXT("Fleet", "all keys")}};
    if (snapshot.models.empty()) {
        screen.empty.shown = true;
        if (!snapshot.nameSpace.empty()) {
            screen.empty.text = PERCH_TEXT(
                "Fleet", "No Deployment in %1 says which model it serves. Give its Pods the labels %2 and %3.",
                {snapshot.nameSpace, "perch.dev/model", "perch.dev/version"});
            return screen;
        }
        screen.empty.text = PERCH_TEXT("Fleet",
            "No models in this workspace. Train one: perch train --data FILE --label COLUMN --model NAME");
        screen.empty.button = PERCH_TEXT("Fleet", "Copy command");
        screen.empty.copy = "perch train --data FILE --label COLUMN --model NAME";
        return screen;
    }
    screen.needsYou = makeNeedsYou(snapshot, now);
    screen.moreText = moreOf(screen.needsYou);
    for (const ModelFacts& model : snapshot.models) {
        FleetRow row = makeRow(model, snapshot, now);
        row.needsYou = std::any_of(screen.needsYou.begin(), screen.needsYou.end(),
            [&](const NeedsYouCard& card) { return card.model == model.model; });
        screen.rows.push_back(std::move(row));
    }
    screen.title = titleOf(snapshot);
    screen.filters = makeFilters(screen.rows);
    if (audit != nullptr) {
        screen.laneEnd = now;
        screen.laneStart = now - std::chrono::hours(24);
        screen.lanes = makeLanes(snapshot, *audit, screen.laneStart, screen.laneEnd);
    }
    const auto old = std::find_if(screen.rows.begin(), screen.rows.end(),
        [](const FleetRow& row) { return row.dataAge.state != State::Pass && row.dataAge.state != State::NoData; });
    screen.status.text = old == screen.rows.end()
                             ? PERCH_TEXT("Fleet", "Every value from its source")
                             : PERCH_TEXT("Fleet", "Every value from its source, except %1", {old->model.text()});
    return screen;
}

} // namespace perch::present
