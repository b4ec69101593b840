#include "core/training/run_training.h"

#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/data/quality/check_table.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/training_checkpoint.h"
#include "core/model/training_device.h"
#include "core/registry/load_predictor.h"
#include "core/training/run_retention.h"
#include "core/training/training_data.h"

#include <nlohmann/json.hpp>

namespace perch::training {

namespace {

constexpr const char* kSteps[] = {"read", "check", "split", "train", "test", "compare", "register"};

void say(const std::function<void(const std::string&)>& hook, const std::string& text) {
    if (hook)
        hook(text);
}

/// One training along its run folder.
class Work {
public:
    Work(const TrainingJob& job, const TrainingPorts& ports, model::TrainingRunWriter& writer,
         const model::Checkpoint* from, std::stop_token stop)
        : m_job(job), m_ports(ports), m_writer(writer), m_from(from), m_stop(std::move(stop)) {}

    Result<TrainingReport> run() {
        m_report.run = m_writer.run().id;
        TRY(read());
        if (!TRY(check()))
            return std::move(m_report);
        TRY(train());
        TRY(compare());
        TRY(publish());
        return std::move(m_report);
    }

private:
    Result<void> read() {
        TRY(m_writer.beginStep("read"));
        say(m_ports.onActivity, fmt::format("Reading {}", m_job.spec.data.string()));
        const std::string before = m_writer.run().dataset.digest;
        m_data = TRY(readTrainingData(m_job, *m_ports.workspace, *m_ports.clock, m_ports.onActivity, m_stop));
        const data::Table& table = m_data.table;
        model::RunDataset& dataset = m_writer.run().dataset;
        dataset.source = table.fingerprint.source;
        dataset.digest = table.fingerprint.digest().hex();
        dataset.rows = table.rows;
        dataset.columns = table.columns.size();
        if (!before.empty() && before != dataset.digest)
            return fail(ErrorCode::Conflict, "{} is not what it was when the training {} began; start a new one.",
                        table.fingerprint.source, m_report.run);
        if (m_ports.onTable)
            m_ports.onTable(table);
        return m_writer.log("info", fmt::format("read {} rows of {} columns from {}", formatCount(table.rows),
                                                table.columns.size(), table.fingerprint.source));
    }

    /// Whether the data may be trained on. What makes no label at all is an error of the input, not a refusal.
    Result<bool> check() {
        const spec::ModelSpec& spec = m_job.spec;
        TRY(m_writer.beginStep("check"));
        TRY(model::readLabel(m_data.table, spec.label, spec.positive, spec.training.task));
        TRY(findProduction());
        const bool byTime = spec.training.split.kind == spec::SplitSpec::Kind::Time;
        data::QualitySubject subject{.label = spec.label,
                                     .previous = m_production ? &m_production->package().reference : nullptr,
                                     .previousName = m_productionName,
                                     .timeColumn = byTime ? spec.training.split.column : "",
                                     .testShare = spec.training.split.testShare};
        for (const std::string& name : {spec.training.split.column, spec.training.weightColumn}) {
            if (!name.empty())
                subject.ignored.insert(name);
        }
        const data::QualityReport checks = data::checkTable(m_data.table, spec.quality, subject);
        m_writer.run().checks = checks.toJson().dump();
        TRY(m_writer.log(checks.failed() ? "error" : "info", checks.summary()));
        if (!checks.failed())
            return true;
        m_report.verdict.accepted = false;
        m_report.verdict.reasons = checks.failures();
        m_report.state = model::RunState::Refused;
        return false;
    }

    Result<void> findProduction() {
        const auto aliases = TRY(m_ports.registry->aliases(m_job.spec.name));
        const auto champion = aliases.find(registry::kChampion);
        if (champion == aliases.end())
            return {};
        m_productionName = champion->second.text();
        m_production =
            TRY(registry::loadPredictor(*m_ports.registry, *m_ports.library, m_job.spec.name, champion->second));
        return {};
    }

    Result<void> train() {
        const spec::ModelSpec& spec = m_job.spec;
        RunWatch watch(m_writer, m_ports.onRound);
        m_report.outcome = TRY(model::train(*m_ports.library,
                                            {.model = spec.name,
                                             .table = &m_data.table,
                                             .label = spec.label,
                                             .positive = spec.positive,
                                             .training = spec.training,
                                             .threshold = spec.threshold,
                                             .threads = m_job.threads,
                                             .codeVersion = m_job.codeVersion,
                                             .ignored = m_data.ignored,
                                             .clock = m_ports.clock,
                                             .checkpointEvery = m_job.checkpointEvery,
                                             .from = m_from,
                                             .cache = m_writer.folder()},
                                            &watch, m_stop));
        const model::TrainOutcome& outcome = *m_report.outcome;
        for (const auto& [name, value] : outcome.parts.card.metrics)
            m_writer.run().metrics[name] = value;
        if (outcome.stoppedEarly)
            m_report.state = model::RunState::Stopped;
        TRY(writeFileAtomically(m_writer.folder() / "capsule.json", outcome.parts.capsule));
        TRY(m_writer.log("info", fmt::format("{} rounds, {}", outcome.rounds, outcome.end)));
        return m_job.capsule ? tellDifferences() : Result<void>();
    }

    /// Of a repeated training.
    Result<void> tellDifferences() {
        const model::Capsule now = TRY(model::parseCapsule(m_report.outcome->parts.capsule, "capsule.json"));
        m_report.differences = model::differences(*m_job.capsule, m_data.table.fingerprint, *m_ports.library,
                                                  m_job.codeVersion, now.threads, now.device);
        m_report.sameModel = m_job.capsule->booster == now.booster;
        for (const std::string& difference : m_report.differences)
            TRY(m_writer.log("warning", difference));
        return m_writer.log(*m_report.sameModel ? "info" : "warning", *m_report.sameModel
                                                                          ? "the model bytes are those of the capsule"
                                                                          : "the model bytes differ from the capsule's");
    }

    Result<void> compare() {
        TRY(m_writer.beginStep("compare"));
        const model::TrainOutcome& outcome = *m_report.outcome;
        const spec::AcceptanceSpec& acceptance = m_job.spec.acceptance;
        m_report.verdict = judgeFloors(acceptance, outcome.parts.card);
        const bool compared = m_production && m_report.verdict.accepted != false;
        if (!acceptance.bias && !compared)
            return {}; // nothing asks for scores
        const auto candidate =
            TRY(model::Predictor::create(*m_ports.library, model::packageOf(outcome.parts)));
        TRY(judgeBias(acceptance, *candidate, m_data.table, outcome.test, m_report.verdict));
        if (m_report.verdict.accepted == false || !m_production)
            return {};
        const UnseenRows unseen = TRY(findUnseen());
        m_report.verdict =
            TRY(judgeAgainst(*m_production, m_productionName, *candidate, unseen, acceptance, m_stop));
        return {};
    }

    Result<UnseenRows> findUnseen() {
        const model::TrainOutcome& outcome = *m_report.outcome;
        const model::Capsule ours = TRY(model::parseCapsule(outcome.parts.capsule, "capsule.json"));
        if (!m_job.holdout.empty())
            m_holdout = TRY(readHoldout(m_job.holdout, outcome.parts, *m_ports.clock, m_stop));
        const Result<model::Capsule> theirs = model::loadCapsule(m_production->package().folder);
        if (!theirs && !m_holdout)
            return UnseenRows{&m_data.table, {}, theirs.error().message};
        return findUnseenRows(ours, theirs ? *theirs : model::Capsule(), m_data.table, outcome.test,
                              m_holdout ? &*m_holdout : nullptr);
    }

    Result<void> publish() {
        const AcceptanceVerdict& verdict = m_report.verdict;
        m_writer.run().accepted = verdict.accepted;
        if (verdict.accepted == false) {
            m_report.state = model::RunState::Refused;
            return m_writer.skipStep("register");
        }
        TRY(m_writer.beginStep("register"));
        if (m_stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The training of {} was cancelled.", m_job.spec.name.text());
        const model::PackageParts& parts = m_report.outcome->parts;
        if (!m_job.out.empty())
            TRY(model::writePackage(parts, m_job.out));
        m_report.publication = TRY(registry::publishPackage(*m_ports.registry, m_ports.workspace->packages(), parts,
                                                            verdict.accepted, m_job.by));
        m_writer.run().version = m_report.publication->record.version;
        if (!m_job.config.empty())
            TRY(keepConfig(m_ports.workspace->models() / m_job.spec.name.text(), m_job));
        return m_ports.onRegistered ? m_ports.onRegistered(*m_report.publication, m_report.run) : Result<void>();
    }

    const TrainingJob& m_job;
    const TrainingPorts& m_ports;
    model::TrainingRunWriter& m_writer;
    const model::Checkpoint* m_from;
    std::stop_token m_stop;
    TrainingData m_data;
    std::unique_ptr<model::Predictor> m_production;
    std::string m_productionName;
    std::optional<data::Table> m_holdout;
    TrainingReport m_report;
};

/// Whatever happens, the run says so.
Result<TrainingReport> work(const TrainingJob& job, const TrainingPorts& ports, model::TrainingRunWriter& writer,
                            const model::Checkpoint* from, std::stop_token stop) {
    say(ports.onBegun, writer.run().id);
    Result<TrainingReport> report = Work(job, ports, writer, from, std::move(stop)).run();
    std::error_code code;
    std::filesystem::remove(writer.folder() / "checkpoint", code);
    if (report) {
        TRY(writer.end(report->state, report->verdict.reasons));
        return report;
    }
    const bool cancelled = report.error().code == ErrorCode::Cancelled;
    // The error is the news; that the run folder could not be written either is not.
    (void)writer.log("error", report.error().message);
    (void)writer.end(cancelled ? model::RunState::Cancelled : model::RunState::Failed, {report.error().message});
    return report;
}

model::TrainingRun newRun(const TrainingJob& job) {
    model::TrainingRun run{.model = job.spec.name, .by = job.by, .rounds = job.spec.training.rounds};
    run.dataset.source = job.spec.data.string();
    run.dataset.label = job.spec.label;
    run.dataset.splitKind = model::toString(job.spec.training.split.kind);
    for (const char* step : kSteps) {
        if (std::string_view(step) == "train") {
            if (job.spec.training.search.candidates > 0)
                run.steps.push_back({"search"});
            if (job.spec.training.folds > 0)
                run.steps.push_back({"validate"});
        }
        run.steps.push_back({step});
    }
    return run;
}

} // namespace

std::string registrationText(const registry::Publication& publication, const std::string& run) {
    const registry::VersionRecord& version = publication.record;
    const std::string alias = publication.alias ? fmt::format(", now {}", *publication.alias) : "";
    return fmt::format("Registered {} {} from the training {}, data {}{}", version.model.text(), version.version.text(),
                       run, version.fingerprint.substr(0, 12), alias);
}

Result<TrainingReport> runTraining(const TrainingJob& job, const TrainingPorts& ports, std::stop_token stop) {
    model::TrainingRunWriter writer =
        TRY(model::TrainingRunWriter::create(*ports.workspace, newRun(job), *ports.clock));
    TRY(writeJob(writer.folder(), job));
    // Room on the disk is a courtesy: a training does not fail for the folders of older ones.
    if (const Result<std::size_t> removed = removeOldRuns(*ports.workspace, job.spec.name); !removed)
        TRY(writer.log("warning", removed.error().message));
    return work(job, ports, writer, nullptr, std::move(stop));
}

Result<TrainingReport> resumeTraining(const std::string& id, const TrainingPorts& ports, std::stop_token stop) {
    const model::TrainingRun run = TRY(model::readRun(*ports.workspace, id));
    const std::filesystem::path folder = ports.workspace->runs() / id;
    const TrainingJob job = TRY(readJob(folder));
    std::optional<model::Checkpoint> checkpoint;
    Result<model::Checkpoint> found = model::readCheckpoint(folder);
    if (found)
        checkpoint = *std::move(found);
    else if (found.error().code != ErrorCode::NotFound)
        return found.error();
    model::TrainingRunWriter writer = TRY(
        model::TrainingRunWriter::resume(*ports.workspace, id, checkpoint ? checkpoint->round : 0, *ports.clock));
    return work(job, ports, writer, checkpoint ? &*checkpoint : nullptr, std::move(stop));
}

} // namespace perch::training
