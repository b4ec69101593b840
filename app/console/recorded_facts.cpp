#include "app/console/recorded_facts.h"

#include "app/console/training_reader.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/drift/drift_record.h"
#include "core/evaluate/evaluation_json.h"
#include "core/fleet/snapshot_json.h"
#include "core/rollout/audit.h"

#include <nlohmann/json.hpp>

#include <map>

namespace perch::console {

namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& snapshot, const char* suffix) {
    return snapshot.parent_path() / (snapshot.stem().string() + suffix);
}

Result<nlohmann::json> readJson(const fs::path& file) {
    const std::string text = TRY(readFile(file));
    return parseJson(text, file.string());
}

Result<present::AuditFacts> readAudit(const fs::path& file) {
    const nlohmann::json document = TRY(readJson(file));
    const auto records = document.find("records");
    if (records == document.end() || !records->is_array())
        return fail(ErrorCode::InvalidInput, "{} has no list \"records\".", file.string());
    std::vector<rollout::AuditRecord> chain;
    std::map<std::string, std::string> lines; ///< writer -> its chain as a file
    for (const nlohmann::json& record : *records) {
        chain.push_back(TRY(rollout::auditRecordFromJson(record)));
        lines[chain.back().writer] += rollout::toJson(chain.back()).dump() + "\n";
    }
    // Verified as any chain is: from its files.
    const TemporaryFolder folder = TRY(TemporaryFolder::create("perch-recorded-audit-"));
    for (const auto& [writer, text] : lines)
        TRY(writeFileAtomically(folder.path() / (writer + ".jsonl"), text));
    return present::toAuditFacts(std::move(chain), rollout::verifyAudit(folder.path(), {}));
}

/// Two minutes of a machine with sixteen threads, always the same.
std::vector<MachineSample> recordedMachine(SystemTime now) {
    constexpr std::uint64_t kGibi = std::uint64_t{1} << 30;
    constexpr int kSamples = 60;
    std::vector<MachineSample> samples;
    for (int index = 0; index < kSamples; ++index) {
        MachineSample sample;
        sample.at = now - std::chrono::seconds(2 * (kSamples - 1 - index));
        sample.threads = 16;
        sample.busyThreads = 13.4 + 0.1 * (index * 7 % 5) - (index == 41 ? 1.2 : 0);
        sample.memoryTotal = 62 * kGibi;
        sample.memoryUsed = 11 * kGibi + kGibi / 40 * static_cast<std::uint64_t>(index);
        sample.diskTotal = 460 * kGibi;
        sample.diskFree = 210 * kGibi - kGibi / 200 * static_cast<std::uint64_t>(index);
        samples.push_back(sample);
    }
    return samples;
}

} // namespace

Result<present::TrainingFacts> readRecordedTrainings(const fs::path& snapshot, SystemTime now) {
    present::TrainingFacts facts;
    facts.runs = TRY(TrainingReader(beside(snapshot, "_trainings"), TrainingReader::Trust::Word).read());
    facts.machine = recordedMachine(now);
    return facts;
}

Result<widgets::Facts> readRecordedFacts(const fs::path& snapshot) {
    widgets::Facts facts;
    const nlohmann::json document = TRY(readJson(snapshot));
    facts.snapshot = TRY(fleet::snapshotFromJson(document));
    facts.shell = {"~/.local/share/perch", "oncall-eu@ops", false, ""};
    const fs::path audit = beside(snapshot, "_audit.json");
    if (fs::exists(audit)) {
        present::AuditFacts read = TRY(readAudit(audit));
        facts.audit = std::make_shared<const present::AuditFacts>(std::move(read));
    }
    for (const char* name : {"_evaluation.json", "_evaluation_classes.json", "_evaluation_regression.json"}) {
        const fs::path evaluation = beside(snapshot, name);
        if (!fs::exists(evaluation))
            continue;
        const nlohmann::json evaluated = TRY(readJson(evaluation));
        evaluate::Evaluation value = TRY(evaluate::evaluationFromJson(evaluated, evaluation.string()));
        const ModelName model = value.model;
        facts.evaluations[model] = std::make_shared<const evaluate::Evaluation>(std::move(value));
    }
    const fs::path comparison = beside(snapshot, "_drift.json");
    if (fs::exists(comparison)) {
        const nlohmann::json measured = TRY(readJson(comparison));
        drift::DriftRecord record = TRY(drift::driftRecordFromJson(measured, comparison.string()));
        const ModelName name = record.model;
        facts.drifts[name] = std::make_shared<const drift::DriftRecord>(std::move(record));
    }
    return facts;
}

} // namespace perch::console
