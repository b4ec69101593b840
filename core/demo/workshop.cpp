#include "core/demo/workshop.h"

#include "core/base/file.h"
#include "core/data/csv_reader.h"
#include "core/evaluate/evaluate.h"
#include "core/evaluate/evaluation_json.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/train.h"

#include <utility>

namespace perch::demo {

namespace {

/// A candidate's recall may be this much lower before it counts as worse.
constexpr double kRecallMargin = 0.01;

double metric(const std::map<std::string, double>& metrics, const std::string& name) {
    const auto found = metrics.find(name);
    return found == metrics.end() ? 0 : found->second;
}

Result<double> metric(const evaluate::EvaluatedModel& evaluated, const std::string& name) {
    const auto found = evaluated.metrics.find(name);
    if (found == evaluated.metrics.end() || !found->second.value)
        return fail(ErrorCode::InvalidInput, "The newest labelled loans give {} no {}.", evaluated.title, name);
    return *found->second.value;
}

} // namespace

Result<Workshop> Workshop::open(const Workspace& workspace, spec::ModelSpec spec, registry::Registry& registry,
                                std::string who, const Clock& clock) {
    auto library = TRY(model::XgboostLibrary::load());
    TRY(makePrivateFolder(workspace.root() / "story"));
    return Workshop(workspace, std::move(spec), registry, std::move(who), clock, std::move(library));
}

Workshop::Workshop(const Workspace& workspace, spec::ModelSpec spec, registry::Registry& registry, std::string who,
                   const Clock& clock, std::shared_ptr<const model::XgboostLibrary> library)
    : m_workspace(workspace),
      m_spec(std::move(spec)),
      m_registry(&registry),
      m_who(std::move(who)),
      m_clock(&clock),
      m_library(std::move(library)) {}

Result<std::filesystem::path> Workshop::writeTable(const std::string& name, const std::vector<Loan>& loans) {
    std::filesystem::path file = m_workspace.root() / "story" / (name + ".csv");
    TRY(writeFileAtomically(file, toCsv(loans)));
    return file;
}

Result<Candidate> Workshop::train(const std::string& name, const std::vector<Loan>& loans, std::stop_token stop) {
    const SteadyTime begin = m_clock->steadyNow();
    const std::filesystem::path file = TRY(writeTable(name, loans));
    data::CsvOptions options;
    options.declared[m_spec.label] = data::FieldType::Category;
    const data::Table table = TRY(data::readCsv(file, *m_clock, options, stop));

    model::TrainRequest request{.model = m_spec.name, .table = &table, .label = m_spec.label};
    request.positive = m_spec.positive;
    request.training = m_spec.training;
    request.threshold = m_spec.threshold;
    request.clock = m_clock;
    model::TrainOutcome outcome = TRY(model::train(*m_library, request, {}, stop));

    const std::filesystem::path folder = m_workspace.root() / "story" / (name + ".package");
    const Digest digest = TRY(model::writePackage(outcome.parts, folder));
    model::Package package = TRY(model::Package::load(folder, digest));
    Candidate candidate;
    candidate.predictor = TRY(model::Predictor::create(*m_library, std::move(package)));
    const model::ModelCard& card = outcome.parts.card;
    candidate.figures = {.version = {},
                         .rows = loans.size(),
                         .threshold = card.threshold,
                         .accuracy = metric(card.metrics, "accuracy"),
                         .recall = metric(card.metrics, "recall"),
                         .seconds = Seconds(m_clock->steadyNow() - begin).count()};
    candidate.parts = std::move(outcome.parts);
    return candidate;
}

Result<AcceptanceFigures> Workshop::compare(const Candidate& candidate, const model::Predictor& production,
                                            const std::vector<Loan>& newest, std::stop_token stop) {
    const std::filesystem::path file = TRY(writeTable("newest", newest));
    evaluate::EvaluationOptions options;
    options.label = m_spec.label;
    options.positive = m_spec.positive;
    options.metric = "accuracy";
    options.resamples = 300;
    const evaluate::EvaluationSubject subject{"candidate", candidate.predictor.get()};
    const evaluate::EvaluationSubject baseline{"production", &production};
    const evaluate::Evaluation evaluation = TRY(evaluate::evaluateFile(subject, &baseline, file, options, *m_clock, stop));
    TRY(evaluate::storeEvaluation(m_workspace, evaluation));

    AcceptanceFigures figures;
    figures.rows = evaluation.rows;
    figures.accuracy = TRY(metric(evaluation.candidate, "accuracy"));
    figures.recall = TRY(metric(evaluation.candidate, "recall"));
    figures.productionAccuracy = TRY(metric(*evaluation.baseline, "accuracy"));
    figures.productionRecall = TRY(metric(*evaluation.baseline, "recall"));
    if (const auto difference = evaluation.comparison->differences.find("accuracy");
        difference != evaluation.comparison->differences.end()) {
        figures.differenceLow = difference->second.low;
        figures.differenceHigh = difference->second.high;
    }
    figures.accepted = figures.differenceLow.value_or(0) > 0 &&
                       figures.accuracy >= m_spec.acceptance.accuracy.value_or(0) &&
                       figures.recall >= figures.productionRecall - kRecallMargin;
    return figures;
}

Result<registry::VersionRecord> Workshop::publish(Candidate& candidate, std::optional<bool> accepted) {
    const registry::Publication publication =
        TRY(registry::publishPackage(*m_registry, m_workspace.packages(), candidate.parts, accepted, m_who));
    candidate.figures.version = publication.record.version.text();
    return publication.record;
}

} // namespace perch::demo
