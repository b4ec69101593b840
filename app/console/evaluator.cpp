#include "app/console/evaluator.h"

#include "core/evaluate/evaluate.h"
#include "core/evaluate/evaluation_json.h"
#include "core/model/predict/xgboost_library.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/load_predictor.h"

namespace perch::console {

namespace {

Result<evaluate::Evaluation> evaluateRequest(const Workspace& workspace, const Clock& clock,
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
    const evaluate::EvaluationSubject against{request.baseline, baseline.get()};
    evaluate::Evaluation evaluation = TRY(evaluate::evaluateFile({request.candidate, candidate.get()},
        baseline ? &against : nullptr, request.data, evaluate::EvaluationOptions(), clock, stop));
    TRY(evaluate::storeEvaluation(workspace, evaluation));
    return evaluation;
}

} // namespace

widgets::Evaluator makeEvaluator(const Workspace& workspace, const Clock& clock) {
    return [&workspace, &clock](const widgets::EvaluationRequest& request, std::stop_token stop) {
        return evaluateRequest(workspace, clock, request, std::move(stop));
    };
}

} // namespace perch::console
