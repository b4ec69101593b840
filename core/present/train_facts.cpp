#include "core/base/number_format.h"
#include "core/present/train_cards.h"
#include "core/present/words.h"

#include <algorithm>
#include <functional>
#include <map>

namespace perch::present {

namespace {

constexpr std::size_t kMostLogLines = 10'000;

Text stepWord(const model::RunStep& step) {
    using S = model::RunStep::State;
    switch (step.state) {
    case S::Done:
    case S::Running:
    case S::Failed:
        return verbatim(durationText(step.seconds));
    case S::Skipped: return PERCH_TEXT("Train", "left out");
    case S::Waiting: return PERCH_TEXT("Train", "not started");
    }
    return {};
}

State stepState(model::RunStep::State state) {
    using S = model::RunStep::State;
    switch (state) {
    case S::Done: return State::Pass;
    case S::Running: return State::Waiting;
    case S::Failed: return State::Fail;
    case S::Skipped:
    case S::Waiting: return State::NoData;
    }
    return State::NoData;
}

/// Values as shares of `full`; a sample without a value is a gap.
Spark sparkOf(const std::vector<MachineSample>& samples, double full,
    const std::function<std::optional<double>(const MachineSample&)>& value) {
    Spark spark;
    Spark::Line line;
    line.tone = Tone::Accent;
    for (const MachineSample& sample : samples) {
        const auto now = value(sample);
        line.values.push_back(now && full > 0 ? std::optional(std::clamp(*now / full, 0.0, 1.0)) : std::nullopt);
    }
    spark.lines = {line};
    return spark;
}


/// `3.1 GiB`
std::string gibibytes(std::uint64_t bytes) {
    constexpr double kGibi = 1024.0 * 1024 * 1024;
    const double value = static_cast<double>(bytes) / kGibi;
    return formatDecimal(value, value < 100 ? 1 : 0) + "\u00a0GiB";
}

} // namespace

Text stepName(const std::string& name) {
    const std::map<std::string_view, Text> words{{"read", PERCH_TEXT("Train", "Read data")},
        {"check", PERCH_TEXT("Train", "Check data")}, {"split", PERCH_TEXT("Train", "Split")},
        {"search", PERCH_TEXT("Train", "Search parameters")}, {"validate", PERCH_TEXT("Train", "Cross-validate")},
        {"train", PERCH_TEXT("Train", "Train")}, {"test", PERCH_TEXT("Train", "Evaluate on test set")},
        {"compare", PERCH_TEXT("Train", "Compare with production")}, {"register", PERCH_TEXT("Train", "Register")}};
    const auto found = words.find(name);
    return found == words.end() ? verbatim(name) : found->second;
}

std::vector<StepRow> makeSteps(const TrainingRun& run) {
    std::vector<StepRow> rows;
    for (const model::RunStep& step : run.steps) {
        StepRow row{stepState(step.state), stepName(step.name), stepWord(step), step.state == model::RunStep::State::Running};
        // A step that was under way when the run ended is not under way any more.
        if (row.current && !isUnderWay(run)) {
            row.current = false;
            row.state = run.state == model::RunState::Failed ? State::Fail : State::NoData;
            row.value = PERCH_TEXT("Train", "ended");
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<LogRow> makeLog(const TrainingRun& run) {
    std::vector<LogRow> rows;
    const std::size_t from = run.log.size() > kMostLogLines ? run.log.size() - kMostLogLines : 0;
    for (std::size_t index = from; index < run.log.size(); ++index) {
        const model::RunLogLine& line = run.log[index];
        const Tone tone = line.level == "error" ? Tone::Fail : line.level.starts_with("warn") ? Tone::Warning : Tone::Secondary;
        rows.push_back({verbatim(clockTime(line.time)), verbatim(line.level.starts_with("warn") ? "warn" : line.level), tone, verbatim(line.text)});
    }
    return rows;
}

std::vector<MachineRow> makeMachineRows(const std::vector<MachineSample>& samples) {
    if (samples.empty())
        return {};
    const MachineSample& now = samples.back();
    std::vector<MachineRow> rows;
    rows.push_back({PERCH_TEXT("Train", "Processor"),
        now.busyThreads ? verbatim(formatDecimal(*now.busyThreads, 1)) : noneText(),
        PERCH_TEXT("Train", "of %1 threads", {std::to_string(now.threads)}),
        sparkOf(samples, now.threads, [](const MachineSample& s) { return s.busyThreads; }),
        PERCH_TEXT("Train", "Threads busy on average since the sample before, all programs")});
    rows.push_back({PERCH_TEXT("Train", "Memory"), verbatim(gibibytes(now.memoryUsed)),
        PERCH_TEXT("Train", "of %1", {gibibytes(now.memoryTotal)}),
        sparkOf(samples, static_cast<double>(now.memoryTotal),
            [](const MachineSample& s) { return std::optional(static_cast<double>(s.memoryUsed)); }),
        PERCH_TEXT("Train", "In use by all programs, without what the system would give back")});
    rows.push_back({PERCH_TEXT("Train", "Disk of the workspace"), verbatim(gibibytes(now.diskTotal - std::min(now.diskTotal, now.diskFree))),
        PERCH_TEXT("Train", "of %1, %2 free", {gibibytes(now.diskTotal), gibibytes(now.diskFree)}),
        sparkOf(samples, static_cast<double>(now.diskTotal),
            [](const MachineSample& s) { return std::optional(static_cast<double>(s.diskTotal - std::min(s.diskTotal, s.diskFree))); }),
        PERCH_TEXT("Train", "The file system that the workspace is on")});
    return rows;
}

std::optional<double> keptValue(const TrainingRun& run, const CurveMetric& metric) {
    std::optional<double> value;
    for (const model::RunCurvePoint& round : run.curve) {
        const bool kept = run.bestRound ? round.round == *run.bestRound : round.round == run.curve.back().round;
        if (kept)
            value = metricValue(round, metric, !round.validation.empty());
    }
    return value;
}

RunRow makeRunRow(const TrainingRun& run, const std::string& metricName, SystemTime now) {
    const CurveMetric metric = curveMetric(metricName);
    RunRow row;
    row.id = run.id;
    const Chip chip = trainingChip(run);
    row.state = chip.state;
    row.word = chip.word;
    row.version = run.version ? verbatim(run.version->text()) : noneText();
    const std::uint32_t rounds = run.curve.empty() ? 0 : run.curve.back().round;
    row.rounds = run.curve.empty() ? noneText() : verbatim(formatCount(rounds));
    const std::optional<double> value = keptValue(run, metric);
    row.metric = value ? verbatim(metricText(metric, *value, 4)) : noneText();
    row.when = PERCH_TEXT("Train", "%1 ago", {formatAge(std::max(Seconds(0), Seconds(now - run.started)))});
    return row;
}

} // namespace perch::present
