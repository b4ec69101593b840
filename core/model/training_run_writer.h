#pragma once

#include "core/model/training_run.h"

#include <memory>
#include <string>
#include <string_view>

namespace perch::model {

/// Writes the folder of one training while it runs. What the process managed to write survives its death at any
/// instruction, and run.json is always whole; only the end is synced to disk, so that a training of half a second does
/// not wait for it. One thread. `clock` must outlive the writer. A writer that goes without `end` leaves a run that
/// reads as interrupted once the process is gone, so end it on every path.
class TrainingRunWriter {
public:
    /// Makes `<runs>/<id>` for a new training: id, process, start and state are filled in.
    static Result<TrainingRunWriter> create(const Workspace& workspace, TrainingRun run, const Clock& clock);
    /// Takes up an interrupted one: the curve is cut behind `round`, the state is running again. Conflict while its
    /// process lives, or if it ended by itself.
    static Result<TrainingRunWriter> resume(const Workspace& workspace, std::string_view id, std::uint32_t round,
                                            const Clock& clock);

    TrainingRunWriter(TrainingRunWriter&&) noexcept;
    TrainingRunWriter& operator=(TrainingRunWriter&&) noexcept;
    ~TrainingRunWriter();

    const std::filesystem::path& folder() const;
    /// The run as it will be written next; change it, then call `save`, or let the next line do so.
    TrainingRun& run();
    const TrainingRun& run() const;

    /// Begins a step; the one before it is done.
    Result<void> beginStep(std::string_view name);
    Result<void> skipStep(std::string_view name);
    Result<void> log(std::string_view level, std::string text);
    /// A round is done. On disk after at most a fifth of a second, with run.json.
    Result<void> addRound(const RunCurvePoint& point);
    RunControl control() const;
    /// Writes run.json and the lines now.
    Result<void> save();
    /// The last word: state and end are written and synced. The running step becomes Done or Failed.
    Result<void> end(RunState state, std::vector<std::string> reasons = {});

private:
    struct State;
    explicit TrainingRunWriter(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace perch::model
