#include "core/serving/served_model.h"

#include "core/serving/inference_protocol.h"
#include "core/serving/predict_protocol.h"
#include "core/spec/model_spec.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace perch::serving {

namespace {

std::vector<std::string> pathsOf(const ModelName& name, const std::string& aliasPath,
                                 const std::vector<std::string>& routes) {
    std::vector<std::string> paths = {fmt::format("/v1/models/{}:predict", name.text()),
                                      spec::servingPath(name, aliasPath),
                                      fmt::format("/v2/models/{}/infer", name.text())};
    for (const std::string& route : routes) {
        if (std::ranges::find(paths, route) == paths.end())
            paths.push_back(route);
    }
    return paths;
}

std::vector<std::string> quoted(const std::vector<std::string>& texts) {
    std::vector<std::string> quotedTexts;
    for (const std::string& text : texts)
        quotedTexts.push_back(nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    return quotedTexts;
}

} // namespace

Result<std::shared_ptr<ServedModel>> ServedModel::load(const ModelSource& source, const Surroundings& surroundings) {
    model::Package package = TRY(model::Package::load(source.package, source.digest));
    if (source.name && *source.name != package.card.model)
        return fail(ErrorCode::Conflict, "The package {} is of the model {}, not of {}.", source.package.string(),
                    package.card.model.text(), source.name->text());
    std::unique_ptr<model::Predictor> predictor =
        TRY(model::Predictor::create(surroundings.library, std::move(package), source.engine));
    std::unique_ptr<FeatureLookup> lookup;
    const ModelName& name = predictor->package().card.model;
    const auto options = surroundings.lookupOf ? surroundings.lookupOf(name) : std::nullopt;
    if (options)
        lookup = TRY(FeatureLookup::open(*options, predictor->package(), source.version, *surroundings.clock,
                                         surroundings.exposition));
    return std::shared_ptr<ServedModel>(new ServedModel(std::move(predictor), std::move(lookup), source, surroundings));
}

ServedModel::ServedModel(std::unique_ptr<model::Predictor> predictor, std::unique_ptr<FeatureLookup> lookup,
                         const ModelSource& source, const Surroundings& surroundings)
    : m_predictor(std::move(predictor)),
      m_lookup(std::move(lookup)),
      m_version(source.version),
      m_paths(pathsOf(m_predictor->package().card.model, source.aliasPath,
                      surroundings.routesTo(m_predictor->package().card.model))),
      m_roles(surroundings.roles),
      m_classes(quoted(m_predictor->package().card.classes)),
      m_reader(m_predictor->package(), m_lookup.get()),
      m_metrics(surroundings.exposition, *m_predictor, m_version, m_roles, m_paths,
                m_lookup ? ModelMetrics::Lookups::Yes : ModelMetrics::Lookups::No) {}

Result<PredictionReply> ServedModel::predict(const PredictionCall& call, const Clock& clock) {
    const SteadyTime begin = clock.steadyNow();
    Result<PredictionReply> result = answer(call, clock);
    const Outcome outcome = result ? Outcome::Ok : outcomeOf(result.error());
    m_metrics.countRequest(call.role, outcome);
    m_metrics.observeLatency(call.role, static_cast<std::size_t>(call.endpoint), clock.steadyNow() - begin);
    return result;
}

void ServedModel::count(std::size_t role, std::string_view path, Outcome outcome, Seconds duration) {
    m_metrics.countRequest(role, outcome);
    const auto found = std::ranges::find(m_paths, path);
    if (found != m_paths.end())
        m_metrics.observeLatency(role, static_cast<std::size_t>(found - m_paths.begin()), duration);
}

Result<PredictionReply> ServedModel::answer(const PredictionCall& call, const Clock& clock) {
    if (!call.requestId.empty())
        TRY(checkRequestId(call.requestId));
    const BareRow bareRow = call.endpoint == Endpoint::Alias ? BareRow::Yes : BareRow::No;
    const KeepCells keep = call.keepCells ? KeepCells::Yes : KeepCells::No;
    PredictionRequest request = call.endpoint == Endpoint::Infer
                                    ? TRY(parseInfer(call.body, m_reader, call.rowLimit, keep, call.jsonLength))
                                    : TRY(parsePredict(call.body, m_reader, bareRow, call.rowLimit, keep));
    std::vector<model::Prediction> predictions = TRY(decide(request.rows, call.role));
    PredictionReply reply;
    reply.requestId = requestIdOf(request.id, call.requestId);
    const std::size_t rows = predictions.size();
    const PredictionAnswer values{.model = name(),
                                  .version = m_version,
                                  .classes = m_classes,
                                  .predictions = predictions,
                                  .notes = request.rows.notes,
                                  .id = reply.requestId,
                                  .classTexts = package().card.classes,
                                  .stale = request.rows.stale()};
    if (call.endpoint == Endpoint::Infer) {
        InferAnswer infer = formatInfer(values, request.outputs);
        reply.body = std::move(infer.body);
        reply.jsonBytes = infer.jsonBytes;
    } else {
        reply.body = formatPredict(values);
    }
    reply.answered.push_back({shared_from_this(), std::move(request.rows), std::move(predictions),
                              rowIds(reply.requestId, rows), call.role, clock.now()});
    return reply;
}

Result<std::vector<model::Prediction>> ServedModel::decide(const EncodedRows& rows, std::size_t role) {
    const std::vector<float> scores = TRY(m_predictor->score(rows.values));
    std::vector<model::Prediction> predictions;
    const std::size_t outputs = m_predictor->outputs();
    predictions.reserve(scores.size() / outputs);
    for (std::size_t i = 0; i + outputs <= scores.size(); i += outputs) {
        const auto row = std::span(scores).subspan(i, outputs);
        if (!std::ranges::all_of(row, [](float score) { return std::isfinite(score); }))
            return fail(ErrorCode::Internal, "The model gave a score that is not a number.");
        predictions.push_back(m_predictor->decide(row));
    }
    m_metrics.countRows(role, rows);
    return predictions;
}

std::vector<PredictionRecord> ServedModel::recordsOf(const AnsweredRows& answered) {
    const ServedModel& model = *answered.model;
    std::vector<PredictionRecord> records;
    records.reserve(answered.predictions.size());
    for (std::size_t i = 0; i < answered.predictions.size(); ++i) {
        const model::Prediction& prediction = answered.predictions[i];
        // A regression has no classes: the answer is the number itself.
        std::string answer;
        if (model.m_classes.empty())
            appendScore(answer, prediction.score);
        else
            answer = model.package().card.classes[prediction.classIndex];
        records.push_back({model.name().text(), model.m_version.text(), model.m_roles[answered.role], answered.ids[i],
                           answered.time, prediction.score, std::move(answer)});
    }
    return records;
}

std::vector<std::string> rowIds(const std::string& id, std::size_t rows) {
    if (rows == 1)
        return {id};
    std::vector<std::string> ids;
    ids.reserve(rows);
    for (std::size_t i = 0; i < rows; ++i)
        ids.push_back(fmt::format("{}/{}", id, i));
    return ids;
}

Outcome outcomeOf(const Error& error) {
    return error.code == ErrorCode::InvalidInput ? Outcome::Invalid : Outcome::Error;
}

} // namespace perch::serving
