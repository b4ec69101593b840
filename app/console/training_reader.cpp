#include "app/console/training_reader.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/training_run_json.h"
#include "core/training/training_job.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace perch::console {

namespace {
namespace fs = std::filesystem;
}

TrainingReader::TrainingReader(fs::path runs, Trust trust) : m_runs(std::move(runs)), m_trust(trust) {}

Result<model::TrainingRun> TrainingReader::readDocument(const fs::path& folder) const {
    if (m_trust == Trust::Process)
        return model::readRun(folder);
    const std::string text = TRY(readFile(folder / "run.json"));
    const nlohmann::json document = TRY(parseJson(text, folder.string()));
    return model::trainingRunFromJson(document);
}

Result<void> TrainingReader::readFolder(const fs::path& folder) {
    Known& known = m_known[folder.filename().string()];
    std::error_code none;
    const auto written = fs::last_write_time(folder / "run.json", none);
    if (known.ended && written == known.written)
        return {};
    present::TrainingRun run{TRY(readDocument(folder)), {}, {}, {}, {}};
    if (known.run != nullptr && known.run->asked != nullptr)
        run.asked = known.run->asked;
    else if (const Result<training::TrainingJob> job = training::readJob(folder))
        run.asked = std::make_shared<const spec::ModelSpec>(job->spec);
    if (known.run != nullptr) {
        run.curve = known.run->curve;
        run.log = known.run->log;
    }
    const auto append = [](auto& all, auto fresh, bool anew) {
        if (anew)
            all.clear();
        all.insert(all.end(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
    };
    // A file that became shorter (a resumed training) is read from its start.
    const auto shrunk = [&](const char* name, std::uint64_t offset) {
        std::error_code missing;
        const auto size = fs::file_size(folder / name, missing);
        return missing || size < offset;
    };
    const bool curveAnew = shrunk("curve.jsonl", known.curveOffset), logAnew = shrunk("log.jsonl", known.logOffset);
    append(run.curve, TRY(model::readCurve(folder, known.curveOffset)), curveAnew);
    append(run.log, TRY(model::readRunLog(folder, known.logOffset)), logAnew);
    run.checkRows = present::trainingChecks(run.checks);
    known.ended = run.state != model::RunState::Running;
    known.written = written;
    known.run = std::make_shared<const present::TrainingRun>(std::move(run));
    return {};
}

Result<std::vector<std::shared_ptr<const present::TrainingRun>>> TrainingReader::read() {
    std::set<std::string> there;
    std::error_code failed;
    for (fs::directory_iterator entry(m_runs, failed), end; !failed && entry != end; entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        // A folder that is just being made has no readable document yet; it will at the next look.
        if (readFolder(entry->path()) || (m_known.contains(name) && m_known[name].run != nullptr))
            there.insert(name);
    }
    if (failed && failed != std::errc::no_such_file_or_directory)
        return fail(ErrorCode::Unavailable, "Cannot list {}: {}.", m_runs.string(), failed.message());
    std::erase_if(m_known, [&](const auto& entry) { return !there.contains(entry.first); });
    std::vector<std::shared_ptr<const present::TrainingRun>> runs;
    for (const auto& [name, known] : m_known)
        runs.push_back(known.run);
    std::ranges::sort(runs, [](const auto& a, const auto& b) {
        return a->started != b->started ? a->started > b->started : a->id > b->id;
    });
    return runs;
}

} // namespace perch::console
