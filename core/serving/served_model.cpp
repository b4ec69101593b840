#include "core/serving/served_model.h"

#include "core/serving/inference_protocol.h"
#include "core/serving/predict_protocol.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::serving {

namespace {

std::vector<std::string> pathsOf(const ModelName& name, const std::string& aliasPath) {
    std::string alias = aliasPath;
    if (alias.empty()) {
        alias = "/predict_" + name.text();
        std::ranges::replace(alias, '-', '_');
    }
    return {fmt::format("/v1/models/{}:predict", name.text()), alias,
        fmt::format("/v2/models/{}/infer", name.text())};
}

std::vector<std::string> quoted(const std::vector<std::string>& texts) {
    std::vector<std::string> quotedTexts;
    for (const std::string& text : texts)
        quotedTexts.push_back(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return quotedTexts;
}

} // namespace

Result<std::shared_ptr<ServedModel>> ServedModel::load(const ModelSource& source, const model::XgboostLibrary& library,
    Exposition& exposition, std::vector<std::string> roles) {
    model::Package package = TRY(model::Package::load(source.package, source.digest));
    if (source.name && *source.name != package.card.model)
        return fail(ErrorCode::Conflict, "The package {} is of the model {}, not of {}.", source.package.string(),
            package.card.model.text(), source.name->text());
    std::unique_ptr<model::Predictor> predictor = TRY(model::Predictor::create(library, std::move(package), source.engine));
    return std::shared_ptr<ServedModel>(
        new ServedModel(std::move(predictor), source, exposition, std::move(roles)));
}

ServedModel::ServedModel(std::unique_ptr<model::Predictor> predictor, const ModelSource& source,
    Exposition& exposition, std::vector<std::string> roles)
    : m_predictor(std::move(predictor)),
      m_version(source.version),
      m_paths(pathsOf(m_predictor->package().card.model, source.aliasPath)),
      m_roles(std::move(roles)),
      m_classes(quoted(m_predictor->package().card.classes)),
      m_reader(m_predictor->package()),
      m_metrics(exposition, *m_predictor, m_version, m_roles, m_paths) {}

Result<ServedModel::Answer> ServedModel::predict(const PredictionCall& call, const Clock& clock) {
    const SteadyTime begin = clock.steadyNow();
    Result<Answer> result = answer(call, clock);
    const bool invalid = !result && result.error().code == ErrorCode::InvalidInput;
    m_metrics.countRequest(call.role, result ? Outcome::Ok : invalid ? Outcome::Invalid : Outcome::Error);
    m_metrics.observeLatency(call.role, static_cast<std::size_t>(call.endpoint), clock.steadyNow() - begin);
    return result;
}

Result<ServedModel::Answer> ServedModel::answer(const PredictionCall& call, const Clock& clock) {
    if (!call.requestId.empty())
        TRY(checkRequestId(call.requestId));
    const BareRow bareRow = call.endpoint == Endpoint::Alias ? BareRow::Yes : BareRow::No;
    PredictionRequest request = call.endpoint == Endpoint::Infer
                                    ? TRY(parseInfer(call.body, m_reader, call.rowLimit))
                                    : TRY(parsePredict(call.body, m_reader, bareRow, call.rowLimit));
    const std::vector<float> scores = TRY(m_predictor->score(request.rows.values));
    std::vector<model::Prediction> predictions;
    const std::size_t outputs = m_predictor->outputs();
    predictions.reserve(scores.size() / outputs);
    for (std::size_t i = 0; i + outputs <= scores.size(); i += outputs) {
        const auto row = std::span(scores).subspan(i, outputs);
        if (!std::ranges::all_of(row, [](float score) { return std::isfinite(score); }))
            return fail(ErrorCode::Internal, "The model gave a score that is not a number.");
        predictions.push_back(m_predictor->decide(row));
    }
    m_metrics.countBins(request.rows);

    Answer answer;
    answer.requestId = !request.id.empty() ? request.id : std::string(call.requestId);
    if (answer.requestId.empty())
        answer.requestId = makeRandomId();
    const PredictionAnswer values{
        name(), m_version, m_classes, predictions, request.rows.notes, answer.requestId};
    answer.body = call.endpoint == Endpoint::Infer ? formatInfer(values, request.outputs) : formatPredict(values);
    answer.records = recordsOf(call, predictions, answer.requestId, clock.now());
    return answer;
}

std::vector<PredictionRecord> ServedModel::recordsOf(const PredictionCall& call,
    std::span<const model::Prediction> predictions, const std::string& id, SystemTime time) const {
    std::vector<PredictionRecord> records;
    records.reserve(predictions.size());
    for (std::size_t i = 0; i < predictions.size(); ++i) {
        const std::string rowId = predictions.size() == 1 ? id : fmt::format("{}/{}", id, i);
        // A regression has no classes: the answer is the number itself.
        std::string answer;
        if (m_classes.empty())
            appendScore(answer, predictions[i].score);
        else
            answer = package().card.classes[predictions[i].classIndex];
        records.push_back({name().text(), m_version.text(), m_roles[call.role], rowId, time, predictions[i].score,
            std::move(answer)});
    }
    return records;
}

} // namespace perch::serving
