#include "core/model/training_run_writer.h"

#include "core/base/file.h"
#include "core/model/training_process.h"
#include "core/model/training_run_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <unistd.h>

namespace perch::model {

namespace {

constexpr Seconds kWriteEvery{0.2};

/// Replaces a file in one step without waiting for the disk.
Result<void> replaceFile(const std::filesystem::path& file, const std::string& bytes) {
    const std::filesystem::path next = file.string() + ".next";
    std::ofstream stream(next, std::ios::binary | std::ios::trunc);
    stream << bytes;
    stream.close();
    if (!stream)
        return fileError(next, "write");
    if (std::rename(next.c_str(), file.c_str()) != 0)
        return fileError(file, "write");
    return {};
}

/// `r-20261122-074512-1a2b3c`: sorts by time.
std::string newId(SystemTime now) {
    std::string time = toIso8601(now).substr(0, 19);
    std::erase_if(time, [](char c) { return c == '-' || c == ':'; });
    std::ranges::replace(time, 'T', '-');
    return fmt::format("r-{}-{}", time, makeRandomId().substr(0, 6));
}

std::string textOf(const TrainingRun& run) {
    return toJson(run).dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// The curve without the rounds that will be done again.
Result<void> cutCurve(const std::filesystem::path& folder, std::uint32_t round) {
    std::uint64_t offset = 0;
    std::string kept;
    for (const RunCurvePoint& point : TRY(readCurve(folder, offset))) {
        if (point.round <= round)
            kept += curveLine(point);
    }
    return replaceFile(folder / "curve.jsonl", kept);
}

} // namespace

struct TrainingRunWriter::State {
    TrainingRun run;
    std::filesystem::path folder;
    const Clock* clock = nullptr;
    std::string curve, lines; ///< not yet on disk
    SteadyTime written{};
    SteadyTime stepStart{};

    Result<void> append(const char* name, std::string& pending) const {
        if (pending.empty())
            return {};
        std::ofstream stream(folder / name, std::ios::binary | std::ios::app);
        stream << pending;
        stream.close();
        if (!stream)
            return fileError(folder / name, "write");
        pending.clear();
        return {};
    }

    /// The lines first: run.json never names a round that the curve lacks.
    Result<void> flush() {
        TRY(append("curve.jsonl", curve));
        TRY(append("log.jsonl", lines));
        written = clock->steadyNow();
        measureStep();
        return {};
    }

    RunStep* runningStep() {
        const auto found = std::ranges::find(run.steps, RunStep::State::Running, &RunStep::state);
        return found == run.steps.end() ? nullptr : &*found;
    }

    void measureStep() {
        if (RunStep* step = runningStep())
            step->seconds = clock->steadyNow() - stepStart;
    }

    void endStep(RunStep::State state) {
        measureStep();
        if (RunStep* step = runningStep())
            step->state = state;
    }

    RunStep& step(std::string_view name) {
        const auto found = std::ranges::find(run.steps, name, &RunStep::name);
        return found == run.steps.end() ? run.steps.emplace_back(RunStep{std::string(name)}) : *found;
    }

    void claim() {
        run.state = RunState::Running;
        run.process = ::getpid();
        run.processStart = processStart(run.process).value_or(0);
        run.ended.reset();
        stepStart = clock->steadyNow();
    }
};

TrainingRunWriter::TrainingRunWriter(std::unique_ptr<State> state) : m_state(std::move(state)) {}
TrainingRunWriter::TrainingRunWriter(TrainingRunWriter&&) noexcept = default;
TrainingRunWriter& TrainingRunWriter::operator=(TrainingRunWriter&&) noexcept = default;
TrainingRunWriter::~TrainingRunWriter() = default;

Result<TrainingRunWriter> TrainingRunWriter::create(const Workspace& workspace, TrainingRun run, const Clock& clock) {
    auto state = std::make_unique<State>();
    run.started = clock.now();
    run.id = newId(run.started);
    state->run = std::move(run);
    state->folder = workspace.runs() / state->run.id;
    state->clock = &clock;
    state->claim();
    TRY(makePrivateFolder(state->folder));
    TrainingRunWriter writer(std::move(state));
    TRY(writer.save());
    return writer;
}

Result<TrainingRunWriter> TrainingRunWriter::resume(const Workspace& workspace, std::string_view id,
                                                    std::uint32_t round, const Clock& clock) {
    auto state = std::make_unique<State>();
    state->run = TRY(readRun(workspace, id));
    state->folder = workspace.runs() / id;
    state->clock = &clock;
    if (state->run.state != RunState::Interrupted)
        return fail(ErrorCode::Conflict, "The training {} is {}; only an interrupted one can be taken up again.", id,
                    toString(state->run.state));
    TRY(cutCurve(state->folder, round));
    std::error_code code;
    std::filesystem::remove(state->folder / "control", code);
    state->run.round = round;
    for (RunStep& step : state->run.steps)
        step.state = RunStep::State::Waiting;
    state->claim();
    TrainingRunWriter writer(std::move(state));
    TRY(writer.save());
    return writer;
}

const std::filesystem::path& TrainingRunWriter::folder() const {
    return m_state->folder;
}

TrainingRun& TrainingRunWriter::run() {
    return m_state->run;
}

const TrainingRun& TrainingRunWriter::run() const {
    return m_state->run;
}

Result<void> TrainingRunWriter::beginStep(std::string_view name) {
    m_state->endStep(RunStep::State::Done);
    m_state->step(name).state = RunStep::State::Running;
    m_state->stepStart = m_state->clock->steadyNow();
    return save();
}

Result<void> TrainingRunWriter::skipStep(std::string_view name) {
    m_state->step(name).state = RunStep::State::Skipped;
    return {};
}

Result<void> TrainingRunWriter::log(std::string_view level, std::string text) {
    m_state->lines += logLine({m_state->clock->now(), std::string(level), std::move(text)});
    return {};
}

Result<void> TrainingRunWriter::addRound(const RunCurvePoint& point) {
    m_state->curve += curveLine(point);
    m_state->run.round = point.round;
    return m_state->clock->steadyNow() - m_state->written >= kWriteEvery ? save() : Result<void>();
}

RunControl TrainingRunWriter::control() const {
    return readControl(m_state->folder);
}

Result<void> TrainingRunWriter::save() {
    TRY(m_state->flush());
    return replaceFile(m_state->folder / "run.json", textOf(m_state->run));
}

Result<void> TrainingRunWriter::end(RunState state, std::vector<std::string> reasons) {
    const bool good = state == RunState::Finished || state == RunState::Stopped;
    m_state->endStep(good ? RunStep::State::Done : RunStep::State::Failed);
    TrainingRun& run = m_state->run;
    run.state = state;
    run.paused = false;
    run.remaining.reset();
    run.ended = m_state->clock->now();
    run.reasons.insert(run.reasons.end(), reasons.begin(), reasons.end());
    TRY(m_state->flush());
    return writeFileAtomically(m_state->folder / "run.json", textOf(run));
}

} // namespace perch::model
