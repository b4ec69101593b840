#pragma once

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/workspace.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Trainings as they are kept in `<workspace>/runs/<id>/`: `run.json`, `curve.jsonl`, `log.jsonl`, `control`,
/// `capsule.json` and `checkpoint`. Everything here reads what another thread or process may be writing at the moment
/// (TrainingRunWriter): a reader sees the state before or after a change, never half of one. Safe from any thread.
namespace perch::model {

enum class RunState {
    Running,
    Finished,    ///< all rounds, or early stopping: registered, or undecided
    Stopped,     ///< a person or the time budget ended the rounds; the best round was kept and registered
    Cancelled,   ///< nothing was kept
    Failed,      ///< an error, see the reasons
    Refused,     ///< the data or the acceptance said no; nothing was registered
    Interrupted, ///< written as running, but its process is gone; `perch train --resume` continues it
};
std::string_view toString(RunState state); ///< `running`, `finished` ...

/// One step of a training in order.
struct RunStep {
    enum class State { Waiting, Running, Done, Failed, Skipped };
    std::string name; ///< `read`, `check`, `split`, `search`, `validate`, `train`, `test`, `compare`, `register`
    State state = State::Waiting;
    Seconds seconds{0}; ///< so far, or in all
};
std::string_view toString(RunStep::State state);

/// What is trained on.
struct RunDataset {
    std::string source; ///< file or query, for people
    std::string digest; ///< of the fingerprint, hexadecimal; empty until it is read
    std::uint64_t rows = 0;
    std::uint64_t columns = 0; ///< with the label
    std::string label;
    std::optional<double> positiveShare; ///< binary models
    std::string splitKind;               ///< `stratified`, `random`, `group`, `time`
    std::uint64_t train = 0, validation = 0, test = 0;
};

/// run.json.
struct TrainingRun {
    std::string id;
    ModelName model;
    std::string task; ///< `binary`, `multi_class`, `regression`; empty until the label is read
    RunState state = RunState::Running;
    bool paused = false; ///< only while running
    std::int64_t process = 0;
    std::uint64_t processStart = 0; ///< clock ticks since boot: a pid alone may be somebody else's by now
    SystemTime started{};
    std::optional<SystemTime> ended;
    std::string by;
    RunDataset dataset;
    std::string checks; ///< the quality report as JSON text; empty if there was none
    std::map<std::string, std::string> parameters;
    std::string metric;       ///< that the rounds are judged by: `logloss`, `mlogloss`, `rmse`
    std::uint32_t rounds = 0; ///< at most
    std::uint32_t round = 0;  ///< done so far
    std::optional<std::uint32_t> bestRound; ///< counted from 1; with a validation part
    std::optional<std::uint32_t> stopAt;    ///< early stopping ends here unless a better round comes
    std::optional<Seconds> remaining;       ///< at the present pace; only while running
    std::map<std::string, double> metrics;  ///< on the test part, at the end
    std::optional<Version> version;
    std::optional<bool> accepted; ///< nothing: undecided, or not there yet
    std::vector<std::string> reasons;
    std::vector<RunStep> steps;
};

/// One line of curve.jsonl.
struct RunCurvePoint {
    std::uint32_t round = 0; ///< counted from 1
    Seconds elapsed{0};
    std::map<std::string, double> train, validation; ///< metric -> value
};

/// One line of log.jsonl.
struct RunLogLine {
    SystemTime time{};
    std::string level; ///< `info`, `warning`, `error`
    std::string text;
};

/// One run. NotFound that names the folder, Corrupt for a run.json that is none. A running one whose process is gone
/// reads as Interrupted.
Result<TrainingRun> readRun(const std::filesystem::path& folder);
Result<TrainingRun> readRun(const Workspace& workspace, std::string_view id);

/// All runs, newest first; folders without a readable run.json are left out.
Result<std::vector<TrainingRun>> listRuns(const Workspace& workspace);

/// The lines from byte `offset` on, which is moved behind the last whole line: call it again for what is new. A missing
/// file has no lines; a file that became shorter (a resumed training) is read from its start.
Result<std::vector<RunCurvePoint>> readCurve(const std::filesystem::path& folder, std::uint64_t& offset);
Result<std::vector<RunLogLine>> readRunLog(const std::filesystem::path& folder, std::uint64_t& offset);

/// What a person asks of a running training through its `control` file; obeyed after the round at hand.
enum class RunControl { None, Stop, Pause, Resume };

/// Stop ends the rounds and keeps the best one. Conflict if the run is not running.
Result<void> requestStop(const std::filesystem::path& folder);
Result<void> requestPause(const std::filesystem::path& folder);
Result<void> requestResume(const std::filesystem::path& folder);
/// What is asked at the moment; None without a file or with an unknown word.
RunControl readControl(const std::filesystem::path& folder);

} // namespace perch::model
