#pragma once

#include "core/base/number_format.h"
#include "core/evaluate/evaluated_model.h"
#include "core/present/evaluate_screen.h"
#include "core/present/model_screen.h"
#include "core/present/plan_screen.h"

#include <cmath>
#include <cstdint>

/// Screens with known values, for the tests of widgets: a model whose canary waits for a decision.
namespace perch::test {

inline constexpr std::int64_t kSampleNow = 1'778'596'328'000; ///< 2026-05-12T14:32:08Z

/// A repeatable value in [-1, 1].
inline double wobble(std::size_t index, double seed) {
    const double value = std::sin(static_cast<double>(index) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (value - std::floor(value)) - 1;
}

inline ModelName sampleModel() {
    return *ModelName::parse("credit-risk");
}

inline fleet::Series sampleSeries(std::size_t count, Seconds step, double from, double to, double noise, double seed) {
    fleet::Series series;
    series.step = step;
    series.start = fromMillis(kSampleNow) -
                   std::chrono::duration_cast<std::chrono::milliseconds>(step * static_cast<double>(count - 1));
    for (std::size_t index = 0; index < count; ++index) {
        const double share = static_cast<double>(index) / static_cast<double>(count - 1);
        series.values.push_back(from + (to - from) * share + noise * wobble(index, seed));
    }
    return series;
}

inline present::Chart sampleAccuracyChart() {
    using present::ChartLine;
    present::Chart chart;
    chart.title = PERCH_TEXT("Test", "Live accuracy");
    chart.note = PERCH_TEXT("Test", "%1 labelled requests: v7 %2, v8 %3", {"4,812", "4,326", "486"});
    chart.end = fromMillis(kSampleNow);
    chart.start = chart.end - std::chrono::hours(7 * 24);
    ChartLine stable;
    stable.name = PERCH_TEXT("Test", "v7");
    stable.label = PERCH_TEXT("Test", "v7 %1", {"88.1\u00a0%"});
    stable.points = sampleSeries(168, std::chrono::hours(1), 93.8, 88.1, 0.35, 1);
    ChartLine canary;
    canary.name = PERCH_TEXT("Test", "v8");
    canary.label = PERCH_TEXT("Test", "v8 %1", {"92.6\u00a0%"});
    canary.tone = present::Tone::Canary;
    canary.points = sampleSeries(46, std::chrono::hours(1), 92.3, 92.6, 0.4, 2);
    for (std::size_t index = 0; index < canary.points.values.size(); ++index) {
        const double half = 0.8 + 5.0 / (1 + static_cast<double>(index) / 3.0);
        canary.points.low.push_back(*canary.points.values[index] - half);
        canary.points.high.push_back(std::min(96.0, *canary.points.values[index] + half));
    }
    chart.lines = {stable, canary};
    chart.events = {{1, chart.end - std::chrono::hours(113), PERCH_TEXT("Test", "drift alert")},
        {2, chart.end - std::chrono::hours(83), PERCH_TEXT("Test", "accuracy alert")},
        {3, chart.end - std::chrono::hours(46), PERCH_TEXT("Test", "v8 shadow")},
        {4, chart.end - std::chrono::hours(29), PERCH_TEXT("Test", "canary %1", {"10\u00a0%"})}};
    chart.limit = 90;
    chart.limitLabel = PERCH_TEXT("Test", "limit %1", {"90.0\u00a0%"});
    chart.low = 84;
    chart.high = 96;
    chart.tickStep = 2;
    chart.unit = verbatim("\u00a0%");
    chart.footnote = PERCH_TEXT("Test", "band: 95\u00a0%");
    chart.summary = PERCH_TEXT("Test", "v7 fell under its limit, v8 is above it");
    return chart;
}

inline present::Chart sampleLatencyChart() {
    using present::ChartLine;
    present::Chart chart;
    chart.title = PERCH_TEXT("Test", "Latency, ms");
    chart.note = PERCH_TEXT("Test", "24 h, p99 solid, p50 dashed");
    chart.end = fromMillis(kSampleNow);
    chart.start = chart.end - std::chrono::hours(24);
    const auto line = [](const char* name, const char* value, present::Tone tone, ChartLine::Dash dash, double level,
                          double seed) {
        ChartLine result;
        result.dash = dash;
        result.name = verbatim(name);
        result.label = verbatim(std::string(name) + " " + value);
        result.tone = tone;
        result.points = sampleSeries(96, std::chrono::minutes(15), level, level, level * 0.06, seed);
        return result;
    };
    chart.lines = {line("v7 p99", "12.4", present::Tone::Stable, ChartLine::Dash::Solid, 12.2, 3),
        line("v8 p99", "11.8", present::Tone::Canary, ChartLine::Dash::Solid, 11.6, 4),
        line("v7 p50", "4.3", present::Tone::Stable, ChartLine::Dash::Secondary, 4.3, 5),
        line("v8 p50", "4.0", present::Tone::Canary, ChartLine::Dash::Secondary, 4.0, 6)};
    chart.limit = 50;
    chart.limitOutside = true;
    chart.limitLabel = PERCH_TEXT("Test", "limit 50 ms is above this range");
    chart.high = 20;
    chart.tickStep = 5;
    return chart;
}

inline present::TrafficBar sampleTraffic(double canary) {
    const auto percent = [](double share) { return formatPercent(share, 0); };
    present::TrafficBar bar;
    bar.parts.push_back(
        {Version{7}, present::Tone::Stable, 1 - canary, 1 - canary + 0.003, PERCH_TEXT("Test", "v7 stable"),
            PERCH_TEXT(
                "Test", "%1, really %2, %3 req/s", {percent(1 - canary), formatPercent(1 - canary + 0.003), "37.8"})});
    if (canary > 0)
        bar.parts.push_back({Version{8}, present::Tone::Canary, canary, canary - 0.003, PERCH_TEXT("Test", "v8 canary"),
            PERCH_TEXT("Test", "%1, really %2, %3 req/s", {percent(canary), formatPercent(canary - 0.003), "4.2"})});
    return bar;
}

inline present::GateTable sampleGates() {
    using present::State;
    const auto row = [](const char* name, const char* now, const char* limit, State state, const char* word,
                         bool required) {
        const auto tone = state == State::Fail   ? present::Tone::Fail
                          : state == State::Pass ? present::Tone::Plain
                                                 : present::Tone::Muted;
        present::GateRow gate;
        gate.name = PERCH_TEXT("Test", name);
        gate.now = {verbatim(now), tone, state, {}};
        gate.limit = verbatim(limit);
        gate.verdict = state;
        gate.word = PERCH_TEXT("Test", word);
        gate.required = required;
        return gate;
    };
    present::GateTable table;
    table.heading = PERCH_TEXT("Test", "Required for 25 %");
    table.rows = {row("Live accuracy, v8", "92.6\u00a0%", "≥ 90.0", State::Pass, "Pass", true),
        row("v8 better than v7", "99.2\u00a0%", "≥ 95.0", State::Pass, "Pass", true),
        row("p99 latency", "11.8\u00a0ms", "≤ 50", State::Pass, "Pass", true),
        row("Error rate", "0.02\u00a0%", "≤ 0.50", State::Pass, "Pass", true),
        row("Drift vs v8 training", "0.06", "≤ 0.15", State::Undecided, "Undecided, 380 of 500", true),
        row("Drift vs v7 training", "0.21", "≤ 0.15", State::Fail, "Fail", false),
        row("Default rate, 30 d", "none", "≤ 6.0\u00a0%", State::NoData, "No data", false),
        row("Artifact signature", "unknown", "valid", State::SourceDown, "Source down", false)};
    table.summary = {State::Undecided, PERCH_TEXT("Test", "%1 of %2 required pass", {"4", "5"})};
    table.required = 5;
    table.passing = 4;
    return table;
}

inline present::HeatStrip sampleDrift() {
    present::HeatStrip strip;
    const auto row = [&](const char* feature, double last, std::initializer_list<double> values) {
        present::HeatStrip::Row result;
        result.feature = feature;
        for (const double value : values) {
            result.levels.push_back(value < 0 ? -1 : present::rampLevel(value));
            result.over.push_back(value > 0.15);
        }
        result.value = {verbatim(formatDecimal(last, 2)), last > 0.15 ? present::Tone::Fail : present::Tone::Secondary,
            present::State::Pass, PERCH_TEXT("Test", "%1: PSI %2, limit 0.15", {feature, formatDecimal(last, 2)})};
        strip.rows.push_back(result);
    };
    row("unemployment_rate", 0.41, {-1, 0.01, 0.02, 0.04, 0.16, 0.2, 0.28, 0.36, 0.4, 0.4, 0.42, 0.41, 0.41, 0.41});
    row("debt_to_income", 0.33, {-1, 0.01, 0.01, 0.06, 0.08, 0.16, 0.22, 0.26, 0.29, 0.31, 0.3, 0.33, 0.34, 0.33});
    row("annual_income", 0.27, {-1, 0.01, 0.01, 0.02, 0.04, 0.06, 0.16, 0.18, 0.17, 0.16, 0.26, 0.2, 0.27, 0.27});
    row("loan_amount", 0.14, {-1, 0.06, 0.06, 0.06, 0.06, 0.07, 0.07, 0.08, 0.08, 0.08, 0.09, 0.09, 0.09, 0.14});
    row("credit_utilization", 0.12, {-1, 0.06, 0.06, 0.06, 0.06, 0.07, 0.07, 0.08, 0.08, 0.08, 0.09, 0.09, 0.09, 0.08});
    row("interest_rate", 0.07, {-1, 0.01, 0.06, 0.01, 0.02, 0.02, 0.02, 0.06, 0.06, 0.07, 0.02, 0.02, 0.06, 0.07});
    row("employment_length", 0.06, {-1, 0.01, 0.02, 0.01, 0.02, 0.02, 0.02, 0.03, 0.03, 0.03, 0.02, 0.02, 0.03, 0.03});
    strip.note = PERCH_TEXT("Test", "PSI, 7 d, dot = over %1", {"0.15"});
    strip.startLabel = verbatim("5 May");
    strip.endLabel = verbatim("now");
    return strip;
}

inline std::vector<present::ReplicaGroup> sampleReplicas() {
    const auto group = [](const char* title, present::Tone tone, std::initializer_list<const char*> names) {
        present::ReplicaGroup result{PERCH_TEXT("Test", title), tone,
            verbatim(std::to_string(names.size()) + " / " + std::to_string(names.size())), present::State::Pass, {}};
        for (const char* name : names)
            result.tiles.push_back({name, tone, present::State::Pass, PERCH_TEXT("Test", "ready"),
                PERCH_TEXT("Test", "%1 is ready", {name})});
        return result;
    };
    return {group("v7 stable", present::Tone::Stable,
                {"b4f2k", "c9d7w", "f6x2n", "h8s4q", "k3p9z", "m7t5r", "q2v8j", "t5n6d", "z8w3l"}),
        group("v8 canary", present::Tone::Canary, {"d4r7m"})};
}

inline present::AuditTimeline sampleTimeline() {
    using present::State;
    present::AuditTimeline timeline;
    const auto item = [&](State state, const char* glyph, const char* who, const char* time, const char* text,
                          const char* hash) {
        timeline.items.push_back(
            {state, glyph, verbatim(who), verbatim(time), PERCH_TEXT("Test", text), *hash ? verbatim(hash) : Text{}});
    };
    item(State::Pass, "", "Perch", "12 May 14:32", "Gates read: 6 of 6 required pass", "4be170c2 a91d");
    item(State::SourceDown, "", "Perch", "12 May 14:28",
        "Registry stopped answering. Signature last verified 11 May 09:10", "");
    item(State::Waiting, "", "Perch", "12 May 09:10", "24 h minimum met, promotion waiting", "71c03f55 0e9a");
    item(State::Pass, "weight", "oncall-eu", "11 May 09:10", "Set canary weight 0 % → 10 %", "d20a94b7 63fe");
    item(State::Pass, "shadow", "ml-engineer", "10 May 16:00", "Started shadow of v8", "c4417e0b 92d8");
    item(State::Pass, "evaluate", "ml-engineer", "10 May 15:41",
        "Evaluation kept: ROC AUC 0.953, v7 0.918 on the April holdout", "0a6de3f1 48bc");
    item(State::Fail, "", "Alertmanager", "9 May 03:15", "ModelAccuracyLow fired for v7", "");
    timeline.chain = {State::Pass, PERCH_TEXT("Test", "Chain verified, %1 records", {"214"})};
    timeline.head = PERCH_TEXT("Test", "head %1", {"4be170c2"});
    return timeline;
}

inline present::ModelScreen sampleModelScreen() {
    using present::ModelButton;
    using rollout::Action;
    present::ModelScreen screen;
    screen.model = sampleModel();
    screen.found = true;
    screen.chips = {{present::State::Waiting, PERCH_TEXT("Test", "Decision waiting")},
        {present::State::Fail, PERCH_TEXT("Test", "v7 under limit")}};
    screen.subtitle =
        PERCH_TEXT("Test", "%1 stable, %2 canary, trained on %3 loans, sha256 %4", {"v7", "v8", "100 K", "9f3c71e0"});
    const auto action = [&](ModelButton button, Action what, const char* label, const char* second, char key,
                            bool enabled) {
        auto& entry = screen.actions[static_cast<std::size_t>(button)];
        entry.button = button;
        entry.label = PERCH_TEXT("Test", label);
        entry.second = PERCH_TEXT("Test", second);
        entry.enabled = enabled;
        entry.key = key;
        entry.intent.action = what;
        entry.intent.model = screen.model;
    };
    action(ModelButton::Promote, Action::Promote, "Promote to 25 %…", "6 of 6 required pass", 'P', true);
    action(ModelButton::SetWeight, Action::SetWeight, "Set weight…", "now 10 %", 'W', true);
    action(ModelButton::Pause, Action::Pause, "Pause", "hold at 10 %", 'H', true);
    action(ModelButton::Shadow, Action::Start, "Shadow", "v8 already serves live", 'S', false);
    action(ModelButton::Abort, Action::Abort, "Abort canary…", "v8 to 0 %", 'A', true);
    action(ModelButton::RollBack, Action::RollBack, "Roll back…", "v7 takes 100 %", 'B', true);
    screen.actions[0].primary = true;
    screen.trafficNote = PERCH_TEXT("Test", "%1 requests/s, Route/credit-risk", {"42.0"});
    screen.shadowNote = PERCH_TEXT("Test", "No shadow running");
    screen.traffic = sampleTraffic(0.1);
    screen.weight = {Percent::fromBasisPoints(1000), Percent::fromBasisPoints(100), Percent::fromBasisPoints(9900),
        true, PERCH_TEXT("Test", "no change")};
    using Progress = present::TrackStep::State;
    screen.track = {{Progress::Current, Percent::fromBasisPoints(1000), verbatim("10\u00a0%"),
                        PERCH_TEXT("Test", "in step %1, minimum %2 met", {"29 h 22 min", "24 h"})},
        {Progress::Next, Percent::fromBasisPoints(2500), verbatim("25\u00a0%"),
            PERCH_TEXT("Test", "waits for approval, then %1", {"4 h"})},
        {Progress::Next, Percent::fromBasisPoints(5000), verbatim("50\u00a0%"),
            PERCH_TEXT("Test", "%1 if promoted now", {"18:32"})},
        {Progress::Next, Percent::fromBasisPoints(10000), verbatim("100\u00a0%"),
            PERCH_TEXT("Test", "%1 if promoted now", {"22:32"})}};
    screen.gates = sampleGates();
    screen.accuracy = sampleAccuracyChart();
    screen.latency = sampleLatencyChart();
    screen.drift = sampleDrift();
    screen.replicas = sampleReplicas();
    screen.replicasNote = PERCH_TEXT("Test", "%1 of %2 ready, 0 restarts", {"10", "10"});
    screen.timeline = sampleTimeline();
    return screen;
}

inline present::PlanScreen samplePlanScreen(present::Confirmation confirmation) {
    using present::State;
    present::PlanScreen screen;
    screen.title = PERCH_TEXT("Test", "Roll back %1 to %2", {"credit-risk", "v7"});
    screen.glyph = "rollback";
    screen.environment = confirmation == present::Confirmation::Click ? "development" : "production";
    screen.environmentWord = PERCH_TEXT("Test", "PRODUCTION");
    screen.place = PERCH_TEXT("Test", "%1 / %2", {"local", "~/.local/share/perch"});
    screen.before = sampleTraffic(0.1);
    screen.after = sampleTraffic(0);
    screen.beforeNote = PERCH_TEXT("Test", "v8 %1", {"10\u00a0%"});
    screen.afterNote = PERCH_TEXT("Test", "v8 %1", {"0\u00a0%"});
    screen.warned = true;
    screen.warningTitle = PERCH_TEXT("Test", "v7 is the weaker model today: %1 live accuracy, limit %2. v8 is at %3.",
        {"88.1\u00a0%", "90.0\u00a0%", "92.6\u00a0%"});
    screen.warningDetail =
        PERCH_TEXT("Test", "Rolling back ends the canary. It does not clear the accuracy or drift alerts on v7.");
    screen.changesNote = PERCH_TEXT("Test", "%1 fields written by Perch in %2 objects", {"5", "4"});
    const auto row = [&](const char* object, const char* field, const char* before, const char* after,
                         const char* writer, bool byPerch) {
        screen.rows.push_back({verbatim(object), verbatim(field), verbatim(before), verbatim(after), verbatim(writer),
            byPerch, PERCH_TEXT("Test", "Set it back to %1", {before})});
    };
    row("Deployment/credit-risk-v7", "replicas", "9", "10", "Perch", true);
    row("Route/credit-risk", "split", "v7 90, v8 10", "v7 100", "Perch", true);
    row("Rollout/credit-risk", "record", "step 1 of 4", "rolled back", "Perch", true);
    row("Alias/credit-risk", "challenger", "v8", "not set", "Perch", true);
    row("Deployment/credit-risk-v8", "replicas", "1", "0", "Perch", true);
    row("ReplicaSet/credit-risk-v8", "status.replicas", "1", "0", "Supervisor", false);
    screen.notTouched =
        PERCH_TEXT("Test", "Not touched: alert rules, the v8 package. v8 can be started again from the registry.");
    screen.checksNote = PERCH_TEXT("Test", "read %1, repeated at the moment of writing", {"14:32:06"});
    const auto check = [&](State state, const char* headline, const char* detail) {
        screen.checks.push_back({state, PERCH_TEXT("Test", headline), PERCH_TEXT("Test", detail)});
    };
    check(State::Pass, "Owner: nobody else writes this route", "Perch writes the route and the record.");
    check(State::Warning, "1 gate is undecided", "Abort and roll back do not wait for gates.");
    check(State::Pass, "Capacity: 1 more v7 replica fits", "Needs 120 MiB. Free: 3.20 GiB.");
    check(State::Pass, "Package v7 is in the store", "Its digest was verified.");
    check(State::Pass, "Dry run accepted", "By the platform at 14:32:06.");
    check(State::NoData, "Expected time not checked", "No rollback was measured on this platform yet.");
    screen.checkChips = {
        {State::Pass, PERCH_TEXT("Test", "%1 pass", {"4"})}, {State::Warning, PERCH_TEXT("Test", "%1 to know", {"1"})}};
    screen.confirmation = confirmation;
    screen.confirmLabel = PERCH_TEXT("Test", "Type %1 to confirm a change in production", {"credit-risk"});
    screen.confirmWord = "credit-risk";
    screen.confirmButton = PERCH_TEXT("Test", "Roll back to %1", {"v7"});
    screen.keepButton = PERCH_TEXT("Test", "Keep canary");
    screen.madeAt = fromMillis(kSampleNow);
    screen.expiresAt = screen.madeAt + std::chrono::seconds(60);
    screen.asText = "Roll back credit-risk to v7\nRoute/credit-risk split: v7 90, v8 10 -> v7 100\n";
    return screen;
}

/// Scores that know the truth up to noise, evaluated by the real engine.
inline evaluate::EvaluatedModel sampleEvaluated(const char* title, double skill, double seed) {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
    for (std::size_t index = 0; index < 4'000; ++index) {
        const bool positive = wobble(index, 50) > 0.68;
        const double logit =
            (positive ? skill : -skill) - 0.8 + 1.5 * wobble(index, seed) + 0.8 * wobble(index, seed + 1);
        scores.push_back(static_cast<float>(1 / (1 + std::exp(-logit))));
        labels.push_back(positive ? 1 : 0);
    }
    evaluate::EvaluationOptions options;
    options.resamples = 100;
    evaluate::EvaluatedModel result = *evaluate::evaluateScores(scores, labels, 0.5, options, {});
    result.title = title;
    result.importance = {{"unemployment_rate", 0.22}, {"debt_to_income", 0.18}, {"annual_income", 0.15},
        {"credit_utilization", 0.12}, {"delinquencies_2y", 0.10}, {"interest_rate", 0.08}, {"loan_amount", 0.06},
        {"employment_length", 0.04}, {"home_ownership", 0.03}, {"loan_purpose", 0.02}};
    for (auto& feature : result.importance)
        feature.meanShap = skill < 1 ? 0.6 * feature.share + 0.04 : feature.share;
    return result;
}

inline evaluate::Evaluation sampleEvaluation() {
    evaluate::Evaluation evaluation;
    evaluation.model = sampleModel();
    evaluation.label = "default";
    evaluation.positive = "yes";
    evaluation.data = "/data/loans-2026-04.csv";
    evaluation.madeAt = fromMillis(kSampleNow);
    evaluation.candidate = sampleEvaluated("v8", 1.1, 7);
    evaluation.baseline = sampleEvaluated("v7", 0.8, 9);
    const auto& matrix = evaluation.candidate.confusion;
    evaluation.positives = matrix.truePositives + matrix.falseNegatives;
    evaluation.rows = evaluation.positives + matrix.trueNegatives + matrix.falsePositives;
    evaluate::Comparison comparison;
    for (const auto& definition : evaluate::metricDefinitions(evaluation.task)) {
        const auto& mine = evaluation.candidate.metrics[std::string(definition.name)];
        const auto& theirs = evaluation.baseline->metrics[std::string(definition.name)];
        if (!mine.value || !theirs.value)
            continue;
        const double difference = *mine.value - *theirs.value;
        comparison.differences[std::string(definition.name)] = {
            difference, difference - 0.012, difference + 0.012, 0.003, "paired bootstrap"};
    }
    comparison.verdict = evaluate::Verdict::Better;
    comparison.metric = "f1";
    comparison.reason = "F1 is higher by 0.1 and the whole interval is above 0.";
    evaluation.comparison = comparison;
    evaluation.intervals = "95 %, Poisson bootstrap, 100 resamples, seed 42";
    evaluation.slices = {{"unemployment_rate >= 8.5", 412, 0.837, 0.80, 0.87, 0.93, 0.745, 0.001},
        {"employment_length < 1", 1'204, 0.861, 0.84, 0.88, 0.93, 0.806, 0.001},
        {"loan_purpose = medical", 318, 0.868, 0.83, 0.9, 0.93, 0.874, 0.02},
        {"credit_history_len < 2", 866, 0.874, 0.85, 0.9, 0.93, 0.843, 0.03}};
    evaluate::Fairness fairness;
    fairness.column = "age";
    const auto group = [&](const char* name, std::uint64_t rows, double rate) {
        evaluate::GroupRates rates;
        rates.group = name;
        rates.rows = rows;
        rates.selectionRate = {rate, rate - 0.012, rate + 0.012};
        fairness.groups.push_back(rates);
    };
    group("under 30", 860, 0.835);
    group("30 to 49", 1'980, 0.867);
    group("50 and over", 1'160, 0.875);
    fairness.selection.value = 0.04;
    evaluation.fairness = fairness;
    return evaluation;
}

} // namespace perch::test
