#include "core/model/training_run.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/training_process.h"
#include "core/model/training_run_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace perch::model {

namespace {

constexpr std::size_t kLargestRun = std::size_t{4} << 20;
constexpr std::size_t kLargestLines = std::size_t{256} << 20;

/// The whole lines of a growing file from an offset on.
template <typename Line, typename Parse>
Result<std::vector<Line>> readLines(const std::filesystem::path& file, std::uint64_t& offset, Parse parse) {
    std::vector<Line> lines;
    std::error_code code;
    const std::uintmax_t size = std::filesystem::file_size(file, code);
    if (code)
        return lines;
    if (size < offset)
        offset = 0;
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    std::string bytes(std::min<std::uintmax_t>(size - offset, kLargestLines), '\0');
    if (!stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size())) && stream.gcount() == 0 &&
        !bytes.empty())
        return fileError(file, "read");
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
    std::size_t begin = 0;
    for (std::size_t end = bytes.find('\n'); end != std::string::npos; end = bytes.find('\n', begin)) {
        if (auto line = parse(std::string_view(bytes).substr(begin, end - begin)))
            lines.push_back(std::move(*line));
        begin = end + 1;
    }
    offset += begin;
    return lines;
}

Result<void> ask(const std::filesystem::path& folder, std::string_view word) {
    const TrainingRun run = TRY(readRun(folder));
    if (run.state != RunState::Running)
        return fail(ErrorCode::Conflict, "The training {} is {}, not running.", run.id, toString(run.state));
    return writeFileAtomically(folder / "control", word);
}

} // namespace

Result<TrainingRun> readRun(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "run.json";
    std::error_code code;
    if (!std::filesystem::exists(file, code))
        return fail(ErrorCode::NotFound, "There is no training in {}.", folder.string());
    const std::string bytes = TRY(readFile(file, kLargestRun));
    const Result<nlohmann::json> document = parseJson(bytes, file.string());
    Result<TrainingRun> run = document ? trainingRunFromJson(*document) : Result<TrainingRun>(document.error());
    if (!run)
        return fail(ErrorCode::Corrupt, "{} is not readable: {}", file.string(), run.error().message);
    if (run->state == RunState::Running && processStart(run->process) != run->processStart) {
        run->state = RunState::Interrupted;
        run->paused = false;
        run->remaining.reset();
    }
    return run;
}

Result<TrainingRun> readRun(const Workspace& workspace, std::string_view id) {
    if (id.empty() || id.find('/') != std::string_view::npos || id.front() == '.')
        return fail(ErrorCode::InvalidInput, "\"{}\" is not the name of a training.", id);
    return readRun(workspace.runs() / id);
}

Result<std::vector<TrainingRun>> listRuns(const Workspace& workspace) {
    std::vector<TrainingRun> runs;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(workspace.runs(), code), end; !code && entry != end;
         entry.increment(code)) {
        if (Result<TrainingRun> run = readRun(entry->path()))
            runs.push_back(*std::move(run));
    }
    if (code && code != std::errc::no_such_file_or_directory) {
        errno = code.value();
        return fileError(workspace.runs(), "list");
    }
    std::ranges::sort(runs, [](const TrainingRun& a, const TrainingRun& b) {
        return a.started != b.started ? a.started > b.started : a.id > b.id;
    });
    return runs;
}

Result<std::vector<RunCurvePoint>> readCurve(const std::filesystem::path& folder, std::uint64_t& offset) {
    return readLines<RunCurvePoint>(folder / "curve.jsonl", offset, parseCurveLine);
}

Result<std::vector<RunLogLine>> readRunLog(const std::filesystem::path& folder, std::uint64_t& offset) {
    return readLines<RunLogLine>(folder / "log.jsonl", offset, parseLogLine);
}

Result<void> requestStop(const std::filesystem::path& folder) {
    return ask(folder, "stop");
}

Result<void> requestPause(const std::filesystem::path& folder) {
    return ask(folder, "pause");
}

Result<void> requestResume(const std::filesystem::path& folder) {
    return ask(folder, "resume");
}

RunControl readControl(const std::filesystem::path& folder) {
    std::ifstream file(folder / "control");
    std::string word;
    file >> word;
    return word == "stop"     ? RunControl::Stop
           : word == "pause"  ? RunControl::Pause
           : word == "resume" ? RunControl::Resume
                              : RunControl::None;
}

} // namespace perch::model
