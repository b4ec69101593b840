#include "app/console/evaluator.h"

#include "core/model/evaluate.h"
#include "core/model/evaluation_json.h"
#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/load_predictor.h"

namespace perch::console {

namespace {

Result<model::Evaluation> evaluateRequest(const Workspace& workspace, const Clock& clock,
    const widgets::EvaluationRequest& request, std::stop_token stop) {
    const auto library = TRY(model::XgboostLibrary::load());
    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, clock));
    const auto load = [&](const std::string& version) -> Result<std::unique_ptr<model::Predictor>> {
        const Version number = TRY(Version::parse(version));
        return registry::loadPredictor(*registry, *library, request.model, number);
    };
    const auto candidate = TRY(load(request.candidate));
    std::unique_ptr<model::Predictor> baseline;
    if (!request.baseline.empty())
        baseline = TRY(load(request.baseline));
    const model::EvaluationSubject against{request.baseline, baseline.get()};
    model::Evaluation evaluation = TRY(model::evaluateFile({request.candidate, candidate.get()},
        baseline ? &against : nullptr, request.data, model::EvaluationOptions(), clock, stop));
    TRY(model::storeEvaluation(workspace, evaluation));
    return evaluation;
}

} // namespace

widgets::Evaluator makeEvaluator(const Workspace& workspace, const Clock& clock) {
    return [&workspace, &clock](const widgets::EvaluationRequest& request, std::stop_token stop) {
        return evaluateRequest(workspace, clock, request, std::move(stop));
    };
}

} // namespace perch::console
