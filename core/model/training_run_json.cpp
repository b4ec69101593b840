#include "core/model/training_run_json.h"

#include "core/base/json.h"
#include "core/base/utf8.h"

#include <nlohmann/json.hpp>

#include <array>

namespace perch::model {

namespace {

using nlohmann::json;

constexpr std::array kRunStates = {RunState::Running, RunState::Finished, RunState::Stopped,    RunState::Cancelled,
                                   RunState::Failed,  RunState::Refused,  RunState::Interrupted};
constexpr std::array kStepStates = {RunStep::State::Waiting, RunStep::State::Running, RunStep::State::Done,
                                    RunStep::State::Failed, RunStep::State::Skipped};

template <typename Value>
json orNull(const std::optional<Value>& value) {
    return value ? json(*value) : json();
}

template <typename Value>
std::optional<Value> optionalFrom(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(value.get<Value>());
}

template <typename State, std::size_t N>
State stateFrom(const json& value, const std::array<State, N>& states) {
    const std::string word = value.get<std::string>();
    for (const State state : states) {
        if (toString(state) == word)
            return state;
    }
    throw json::other_error::create(500, fmt::format("the state \"{}\" is unknown", shownText(word)), nullptr);
}

json toJson(const RunDataset& dataset) {
    return {{"source", dataset.source},
            {"digest", dataset.digest},
            {"rows", dataset.rows},
            {"columns", dataset.columns},
            {"label", dataset.label},
            {"positive_share", orNull(dataset.positiveShare)},
            {"split",
             {{"kind", dataset.splitKind},
              {"train", dataset.train},
              {"validation", dataset.validation},
              {"test", dataset.test}}}};
}

RunDataset datasetFrom(const json& document) {
    const json& split = document.at("split");
    return {.source = document.at("source").get<std::string>(),
            .digest = document.at("digest").get<std::string>(),
            .rows = document.at("rows").get<std::uint64_t>(),
            .columns = document.at("columns").get<std::uint64_t>(),
            .label = document.at("label").get<std::string>(),
            .positiveShare = optionalFrom<double>(document.at("positive_share")),
            .splitKind = split.at("kind").get<std::string>(),
            .train = split.at("train").get<std::uint64_t>(),
            .validation = split.at("validation").get<std::uint64_t>(),
            .test = split.at("test").get<std::uint64_t>()};
}

json stepsToJson(const std::vector<RunStep>& steps) {
    json list = json::array();
    for (const RunStep& step : steps)
        list.push_back({{"name", step.name}, {"state", toString(step.state)}, {"seconds", step.seconds.count()}});
    return list;
}

/// Throws nlohmann's exceptions.
TrainingRun runFrom(const json& document) {
    TrainingRun run;
    run.id = document.at("id").get<std::string>();
    run.task = document.at("task").get<std::string>();
    run.state = stateFrom(document.at("state"), kRunStates);
    run.paused = document.at("paused").get<bool>();
    run.process = document.at("pid").get<std::int64_t>();
    run.processStart = document.at("pid_start").get<std::uint64_t>();
    run.started = fromMillis(document.at("started_ms").get<std::int64_t>());
    if (const auto ended = optionalFrom<std::int64_t>(document.at("ended_ms")))
        run.ended = fromMillis(*ended);
    run.by = document.at("by").get<std::string>();
    run.dataset = datasetFrom(document.at("dataset"));
    if (const json& checks = document.at("checks"); !checks.is_null())
        run.checks = checks.dump();
    run.parameters = document.at("parameters").get<std::map<std::string, std::string>>();
    run.metric = document.at("metric").get<std::string>();
    run.rounds = document.at("rounds").get<std::uint32_t>();
    run.round = document.at("round").get<std::uint32_t>();
    run.bestRound = optionalFrom<std::uint32_t>(document.at("best_round"));
    run.stopAt = optionalFrom<std::uint32_t>(document.at("stop_at"));
    if (const auto seconds = optionalFrom<double>(document.at("remaining_s")))
        run.remaining = Seconds(*seconds);
    run.metrics = document.at("metrics").get<std::map<std::string, double>>();
    if (const auto number = optionalFrom<std::uint32_t>(document.at("version")))
        run.version = Version{*number};
    run.accepted = optionalFrom<bool>(document.at("accepted"));
    run.reasons = document.at("reasons").get<std::vector<std::string>>();
    for (const json& step : document.at("steps"))
        run.steps.push_back({step.at("name").get<std::string>(), stateFrom(step.at("state"), kStepStates),
                             Seconds(step.at("seconds").get<double>())});
    return run;
}

} // namespace

std::string_view toString(RunState state) {
    switch (state) {
    case RunState::Running:
        return "running";
    case RunState::Finished:
        return "finished";
    case RunState::Stopped:
        return "stopped";
    case RunState::Cancelled:
        return "cancelled";
    case RunState::Failed:
        return "failed";
    case RunState::Refused:
        return "refused";
    case RunState::Interrupted:
        return "interrupted";
    }
    return "unknown";
}

std::string_view toString(RunStep::State state) {
    switch (state) {
    case RunStep::State::Waiting:
        return "waiting";
    case RunStep::State::Running:
        return "running";
    case RunStep::State::Done:
        return "done";
    case RunStep::State::Failed:
        return "failed";
    case RunStep::State::Skipped:
        return "skipped";
    }
    return "unknown";
}

json toJson(const TrainingRun& run) {
    json checks;
    if (!run.checks.empty())
        checks = json::parse(run.checks, nullptr, false);
    return {{"schema", 1},
            {"id", run.id},
            {"model", run.model.text()},
            {"task", run.task},
            {"state", toString(run.state)},
            {"paused", run.paused},
            {"pid", run.process},
            {"pid_start", run.processStart},
            {"started", toIso8601(run.started)},
            {"started_ms", toMillis(run.started)},
            {"ended_ms", run.ended ? json(toMillis(*run.ended)) : json()},
            {"by", run.by},
            {"dataset", toJson(run.dataset)},
            {"checks", checks.is_discarded() ? json() : checks},
            {"parameters", run.parameters},
            {"metric", run.metric},
            {"rounds", run.rounds},
            {"round", run.round},
            {"best_round", orNull(run.bestRound)},
            {"stop_at", orNull(run.stopAt)},
            {"remaining_s", run.remaining ? json(run.remaining->count()) : json()},
            {"metrics", run.metrics},
            {"version", run.version ? json(run.version->number) : json()},
            {"accepted", orNull(run.accepted)},
            {"reasons", run.reasons},
            {"steps", stepsToJson(run.steps)}};
}

Result<TrainingRun> trainingRunFromJson(const json& document) {
    const std::string name = TRY(jsonString(document, "model", "run.json"));
    try {
        TrainingRun run = runFrom(document);
        run.model = TRY(ModelName::parse(name));
        return run;
    } catch (const json::exception& problem) {
        return fail(ErrorCode::InvalidInput, "run.json is not one of this version: {}.", problem.what());
    }
}

std::string curveLine(const RunCurvePoint& point) {
    json line = {{"round", point.round}, {"elapsed_s", point.elapsed.count()}, {"train", point.train}};
    if (!point.validation.empty())
        line["validation"] = point.validation;
    return line.dump() + "\n";
}

std::string logLine(const RunLogLine& line) {
    return json{{"t", toMillis(line.time)}, {"level", line.level}, {"text", line.text}}.dump(
               -1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

std::optional<RunCurvePoint> parseCurveLine(std::string_view text) {
    try {
        const json line = json::parse(text);
        RunCurvePoint point{.round = line.at("round").get<std::uint32_t>(),
                            .elapsed = Seconds(line.at("elapsed_s").get<double>()),
                            .train = line.at("train").get<std::map<std::string, double>>()};
        if (line.contains("validation"))
            point.validation = line.at("validation").get<std::map<std::string, double>>();
        return point;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

std::optional<RunLogLine> parseLogLine(std::string_view text) {
    try {
        const json line = json::parse(text);
        return RunLogLine{fromMillis(line.at("t").get<std::int64_t>()), line.at("level").get<std::string>(),
                          line.at("text").get<std::string>()};
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

} // namespace perch::model
