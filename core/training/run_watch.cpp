#include "core/training/run_watch.h"

#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/model/predict/model_card_json.h"
#include "core/model/training_checkpoint.h"

#include <nlohmann/json.hpp>

namespace perch::training {

namespace {

nlohmann::json toJson(const model::ValidationResult& result) {
    return {{"parameters", result.parameters}, {"rounds", result.rounds},       {"mean", result.mean},
            {"deviation", result.deviation},   {"folds", result.folds}, {"pruned", result.pruned}};
}

} // namespace

Result<void> RunWatch::planned(const model::TrainingPlan& plan) {
    model::TrainingRun& run = m_writer.run();
    run.task = toString(plan.task);
    run.dataset.train = plan.train;
    run.dataset.validation = plan.validation;
    run.dataset.test = plan.test;
    run.dataset.positiveShare = plan.positiveShare;
    run.metric = plan.metric;
    run.rounds = plan.rounds;
    run.parameters = plan.parameters;
    return m_writer.log("info", fmt::format("{} rows to train on, {} to validate, {} to test; {} threads, device {}",
                                            formatCount(plan.train), formatCount(plan.validation),
                                            formatCount(plan.test), plan.threads, plan.device));
}

Result<void> RunWatch::searched(const std::vector<model::ValidationResult>& candidates) {
    nlohmann::json list = nlohmann::json::array();
    for (const model::ValidationResult& candidate : candidates)
        list.push_back(toJson(candidate));
    const nlohmann::json document = {{"schema", 1}, {"metric", m_writer.run().metric}, {"candidates", std::move(list)}};
    TRY(writeFileAtomically(m_writer.folder() / "search.json", document.dump(1)));
    const model::ValidationResult& best = candidates.front();
    return m_writer.log("info", fmt::format("search: {} candidates, the best has {} {} (deviation {} over {} folds)",
                                            candidates.size(), m_writer.run().metric, formatDecimal(best.mean, 4),
                                            formatDecimal(best.deviation, 4), best.folds.size()));
}

Result<void> RunWatch::validated(const model::ValidationResult& result) {
    const std::string metric = m_writer.run().metric;
    m_writer.run().metrics["cv_" + metric + "_mean"] = result.mean;
    m_writer.run().metrics["cv_" + metric + "_deviation"] = result.deviation;
    return m_writer.log("info", fmt::format("cross-validation: {} {}, deviation {} over {} folds", metric,
                                            formatDecimal(result.mean, 4), formatDecimal(result.deviation, 4),
                                            result.folds.size()));
}

Result<void> RunWatch::roundDone(const model::TrainProgress& progress) {
    model::TrainingRun& run = m_writer.run();
    const bool better = progress.bestRound && progress.bestRound != run.bestRound;
    run.bestRound = progress.bestRound;
    run.stopAt = progress.stopAt;
    run.remaining = progress.remaining;
    if (m_report)
        m_report(progress);
    if (better && progress.round % 50 == 0)
        TRY(m_writer.log("info", fmt::format("round {}: best so far, {} {} on the validation rows", progress.round,
                                             progress.metric, formatDecimal(progress.validation.value_or(0), 4))));
    model::RunCurvePoint point{.round = progress.round, .elapsed = progress.elapsed};
    if (progress.train)
        point.train[progress.metric] = *progress.train;
    if (progress.validation)
        point.validation[progress.metric] = *progress.validation;
    return m_writer.addRound(point);
}

Result<void> RunWatch::pauseChanged(bool paused) {
    m_writer.run().paused = paused;
    TRY(m_writer.log("info", paused ? "paused" : "goes on"));
    return m_writer.save();
}

Result<void> RunWatch::checkpoint(const model::Checkpoint& checkpoint) {
    TRY(model::writeCheckpoint(m_writer.folder(), checkpoint));
    return m_writer.save();
}

} // namespace perch::training
