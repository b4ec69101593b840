#include "core/present/train_screen.h"

#include "core/base/number_format.h"
#include "core/present/train_cards.h"
#include "core/present/words.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace perch::present {

namespace {

using model::RunState;

/// The run that is shown: the one chosen, else the newest of the model.
const TrainingRun* shownRun(const TrainingFacts& facts, const TrainScreenInput& input) {
    const TrainingRun* newest = nullptr;
    for (const auto& run : facts.runs) {
        if (run->model != input.model)
            continue;
        if (run->id == input.choice.run)
            return run.get();
        if (newest == nullptr)
            newest = run.get();
    }
    return newest;
}

const TrainingRun* runUnderWay(const TrainingFacts& facts, const ModelName& model) {
    const auto found = std::ranges::find_if(facts.runs, [&](const auto& run) { return run->model == model && isUnderWay(*run); });
    return found == facts.runs.end() ? nullptr : found->get();
}

/// `v9`, or `v9 draft` while its number is only the next free one.
Text versionText(const TrainingRun& run, const fleet::ModelFacts* served) {
    if (run.version)
        return verbatim(run.version->text());
    std::uint32_t newest = 0;
    for (const fleet::VersionFacts& version : served == nullptr ? std::vector<fleet::VersionFacts>() : served->versions)
        newest = std::max(newest, version.version.number);
    return newest == 0 ? PERCH_TEXT("Train", "draft") : PERCH_TEXT("Train", "%1 draft", {Version{newest + 1}.text()});
}

std::string whoOf(const std::string& by) {
    return by.substr(0, by.find('@'));
}

Text noteOf(const TrainingRun& run, SystemTime now) {
    const auto device = run.parameters.find("device");
    const std::string engine = device != run.parameters.end() && device->second == "cuda" ? "local engine, XGBoost on the GPU" : "local engine, XGBoost";
    const bool today = dayOnly(run.started) == dayOnly(now);
    return PERCH_TEXT("Train", "%1, started %2 by %3",
        {engine, today ? clockTime(run.started) : dayTime(run.started), whoOf(run.by)});
}

std::string sentences(const std::vector<std::string>& reasons) {
    std::string all;
    for (const std::string& reason : reasons) {
        if (reason.empty())
            continue;
        std::string sentence = reason;
        if (sentence.back() != '.')
            sentence += '.';
        all += (all.empty() ? "" : " ") + sentence;
    }
    return all;
}

void setMessage(TrainScreen& screen, const TrainingRun& run) {
    const std::string why = sentences(run.reasons);
    const std::string last = run.curve.empty() ? std::string("0") : std::to_string(run.curve.back().round);
    switch (run.state) {
    case RunState::Refused:
        screen.messageTone = Tone::Fail;
        screen.message = PERCH_TEXT("Train", "Not registered: %1 The registry is as it was.", {why.empty() ? "no reason was recorded." : why});
        break;
    case RunState::Failed:
        screen.messageTone = Tone::Fail;
        screen.message = PERCH_TEXT("Train", "Training failed: %1", {why.empty() ? "no reason was recorded." : why});
        break;
    case RunState::Interrupted:
        screen.messageTone = Tone::Warning;
        screen.message = PERCH_TEXT("Train", "The program that trained this ended after round %1 without finishing. Resume goes on from its last checkpoint.", {last});
        break;
    case RunState::Cancelled:
        screen.messageTone = Tone::Secondary;
        screen.message = PERCH_TEXT("Train", "Cancelled after round %1. Nothing was registered.", {last});
        break;
    case RunState::Finished:
    case RunState::Stopped:
        if (run.version && !run.accepted) {
            screen.messageTone = Tone::Secondary;
            screen.message = PERCH_TEXT("Train", "Undecided, registered without an alias: %1", {why.empty() ? "it was not compared with production." : why});
        }
        break;
    case RunState::Running: break;
    }
}

/// Which buttons are on, and why another is off.
void setActions(TrainScreen& screen, const TrainScreenInput& input, const TrainingRun* run, const TrainingRun* underWay,
    const Result<TrainingRequest>& request) {
    const bool going = run != nullptr && isUnderWay(*run);
    const bool paused = run != nullptr && run->paused;
    screen.start.label = screen.resumes ? PERCH_TEXT("Train", "Resume training") : PERCH_TEXT("Train", "Start training");
    screen.pause.label = paused ? PERCH_TEXT("Train", "Go on") : PERCH_TEXT("Train", "Pause");
    screen.stop.label = PERCH_TEXT("Train", "Stop and keep best");
    screen.copy.label = PERCH_TEXT("Train", "Copy as script");
    screen.pause.shown = screen.stop.shown = going;
    if (input.readOnly)
        screen.start.reason = screen.pause.reason = screen.stop.reason = PERCH_TEXT("Train", "Read-only: nothing is trained");
    if (!input.readOnly && going && run->curve.empty())
        screen.stop.reason = screen.pause.reason = PERCH_TEXT("Train", "The first round has not ended yet");
    if (screen.start.reason.empty()) {
        if (!input.canStart)
            screen.start.reason = PERCH_TEXT("Train", "Recorded facts: nothing is trained");
        else if (!input.starting.empty() || underWay != nullptr)
            screen.start.reason = PERCH_TEXT("Train", "A training is running");
        else if (!request && !screen.resumes)
            screen.start.reason = verbatim(request.error().message);
    }
    screen.start.enabled = screen.start.reason.empty();
    screen.pause.enabled = going && screen.pause.reason.empty();
    screen.stop.enabled = going && screen.stop.reason.empty();
    screen.copy.enabled = run != nullptr || request.has_value();
    if (!screen.copy.enabled)
        screen.copy.reason = verbatim(request.error().message);
}

void setStatus(TrainScreen& screen, const TrainingRun* run) {
    if (run != nullptr)
        screen.status.text = PERCH_TEXT("Train", "Local run %1. Live traffic does not change", {run->id});
    if (run != nullptr && isUnderWay(*run))
        screen.status.keys = {{"H", run->paused ? PERCH_TEXT("Keys", "go on") : PERCH_TEXT("Keys", "pause")},
            {"Ctrl+.", PERCH_TEXT("Keys", "stop and keep best")}};
    else
        screen.status.keys = {{"T", PERCH_TEXT("Keys", "start training")}};
    screen.status.keys.push_back({"Ctrl+T", PERCH_TEXT("Keys", "chart as table")});
    screen.status.keys.push_back({"F1", PERCH_TEXT("Keys", "all keys")});
}

void setEmpty(TrainScreen& screen, const std::string& model) {
    const std::string name = model.empty() ? "NAME" : model;
    screen.empty.shown = true;
    screen.empty.copy = "perch train --model " + name + " --data FILE --label COLUMN";
    screen.empty.text = PERCH_TEXT("Train", "No training yet. Choose the data and the label at the left and press T, or run: %1", {screen.empty.copy});
    screen.empty.button = PERCH_TEXT("Train", "Copy the command");
}

/// Curve, progress and the rest of a run; the table of all runs of its model.
void showRun(TrainScreen& screen, const TrainingRun& run, const TrainingFacts& facts, const TrainScreenInput& input, SystemTime now) {
    screen.run = run.id;
    screen.metricNames = metricNames(run);
    for (const std::string& name : screen.metricNames)
        screen.metrics.push_back(curveMetric(name).label);
    const auto wanted = std::ranges::find(screen.metricNames, input.choice.metric);
    screen.metric = wanted == screen.metricNames.end() ? 0 : static_cast<int>(wanted - screen.metricNames.begin());
    const std::string metric = screen.metricNames.empty() ? std::string("logloss") : screen.metricNames[static_cast<std::size_t>(screen.metric)];
    std::vector<const TrainingRun*> compared;
    for (const auto& other : facts.runs) {
        if (other->model != run.model)
            continue;
        RunRow row = makeRunRow(*other, metric, now);
        row.shown = other->id == run.id;
        row.compared = !row.shown && std::ranges::find(input.choice.compared, other->id) != input.choice.compared.end();
        if (row.compared)
            compared.push_back(other.get());
        screen.runs.push_back(std::move(row));
    }
    screen.metricHead = curveMetric(metric).label;
    const Text version = versionText(run, input.served);
    screen.title = PERCH_TEXT("Train", "Train %1 %2", {run.model.text(), version.english()});
    screen.chip = trainingChip(run);
    screen.note = noteOf(run, now);
    setMessage(screen, run);
    screen.progress = makeProgressCard(run);
    screen.curve = makeLearningCurve(run, metric, compared);
    screen.best = makeBestCard(run, input.served, version);
    screen.steps = makeSteps(run);
    screen.log = makeLog(run);
}

} // namespace

bool isUnderWay(const TrainingRun& run) {
    return run.state == RunState::Running;
}

Chip trainingChip(const TrainingRun& run) {
    switch (run.state) {
    case RunState::Running:
        if (run.paused)
            return {State::Paused, PERCH_TEXT("States", "Paused")};
        return {State::Waiting, run.curve.empty() ? PERCH_TEXT("States", "Reading data") : PERCH_TEXT("States", "Training")};
    case RunState::Finished:
    case RunState::Stopped:
        if (!run.version)
            return {State::NoData, PERCH_TEXT("States", "Finished, not registered")};
        return run.accepted ? Chip{State::Pass, PERCH_TEXT("States", "Registered")}
                            : Chip{State::Undecided, PERCH_TEXT("States", "Registered, undecided")};
    case RunState::Refused: return {State::Fail, PERCH_TEXT("States", "Refused")};
    case RunState::Cancelled: return {State::NoData, PERCH_TEXT("States", "Cancelled")};
    case RunState::Failed: return {State::Fail, PERCH_TEXT("States", "Failed")};
    case RunState::Interrupted: return {State::Warning, PERCH_TEXT("States", "Interrupted")};
    }
    return {};
}

TrainScreen makeTrainScreen(const TrainingFacts& facts, const TrainScreenInput& input, SystemTime now) {
    TrainScreen screen;
    const TrainingRun* run = shownRun(facts, input);
    const TrainingRun* underWay = runUnderWay(facts, input.model);
    const bool fixed = run != nullptr && isUnderWay(*run);
    const bool changeable = !fixed && !input.readOnly;
    const std::string data = !input.choice.data.empty() && !fixed ? input.choice.data
                             : run != nullptr                     ? run->dataset.source
                                                                  : std::string();
    screen.title = input.model.text().empty() ? PERCH_TEXT("Train", "Train a model") : PERCH_TEXT("Train", "Train %1", {input.model.text()});
    if (run != nullptr)
        showRun(screen, *run, facts, input, now);
    else
        setEmpty(screen, input.model.text());
    screen.parameters.fields = fixed ? fixedFields(*run) : editableFields(run, input.choice.edits);
    screen.parameters.readOnly = !changeable;
    screen.parameters.note = fixed           ? PERCH_TEXT("Train", "read-only while running")
                             : input.readOnly ? PERCH_TEXT("Train", "read only")
                                              : PERCH_TEXT("Train", "for the next training");
    screen.dataset = makeDatasetCard(run, data, changeable);
    // An unchanged interrupted run is gone on with; any edit makes it a new one.
    if (run != nullptr && run->state == RunState::Interrupted && input.choice.edits.empty() && input.choice.data.empty())
        screen.resumes = run->id;
    const Result<TrainingRequest> request = makeTrainingRequest(input.model, data, editableFields(run, input.choice.edits), run);
    if (request)
        screen.request = *request;
    screen.script = trainingScript(input.model, data, editableFields(run, fixed ? TrainingFields() : input.choice.edits));
    setActions(screen, input, run, underWay, request);
    if (!input.starting.empty() && underWay == nullptr) {
        screen.chip = {State::Waiting, PERCH_TEXT("States", "Starting")};
        screen.message = verbatim(input.starting);
        screen.messageTone = Tone::Accent;
    } else if (!facts.problem.empty()) {
        screen.message = verbatim(facts.problem);
        screen.messageTone = Tone::Fail;
    }
    screen.machine = makeMachineRows(facts.machine);
    screen.machineNote = PERCH_TEXT("Train", "Nothing here changes live traffic.");
    setStatus(screen, run);
    return screen;
}

} // namespace perch::present
