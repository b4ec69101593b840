#pragma once

#include "core/base/clock.h"
#include "core/model/predict/predictor.h"
#include "core/serving/model_metrics.h"
#include "core/serving/prediction_record.h"
#include "core/serving/row_reader.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// What to load and under which version to serve it.
struct ModelSource {
    std::filesystem::path package;
    Digest digest = {};                  ///< if set, the package must have it
    Version version = {};
    std::optional<ModelName> name = {};  ///< if set, the package must be of this model
    std::string aliasPath = {};          ///< empty: `/predict_<name with _ for ->`
    model::Engine engine = model::Engine::Perch; ///< Xgboost: its own call even where the walker would do
};

/// The ways to ask for a prediction; each is a value of the metric label `endpoint`.
enum class Endpoint { Predict, Alias, Infer };

/// One request for a prediction as the server passes it on.
struct PredictionCall {
    Endpoint endpoint = Endpoint::Predict;
    std::string_view body;
    std::string_view requestId; ///< of the header X-Request-Id, empty without
    std::size_t role = 0;       ///< index into the roles given to `load`
    std::size_t rowLimit = 0;
};

/// One loaded version: predictor, row transform, metrics. Safe from any thread.
class ServedModel {
public:
    /// `library` must outlive the model. Errors are those of Package::load and Predictor::create; Conflict if the
    /// package is of another model than asked for.
    static Result<std::shared_ptr<ServedModel>> load(const ModelSource& source, const model::XgboostLibrary& library,
        Exposition& exposition, std::vector<std::string> roles);

    const model::Package& package() const { return m_predictor->package(); }
    const ModelName& name() const { return package().card.model; }
    Version version() const { return m_version; }
    const std::string& pathOf(Endpoint endpoint) const { return m_paths[static_cast<std::size_t>(endpoint)]; }

    /// An answer and the records for the truth store.
    struct Answer {
        std::string body;
        std::string requestId;
        std::vector<PredictionRecord> records;
    };
    /// Predicts and counts. The id is the caller's (body before header) or a new one; row i of a batch of several has
    /// the id `<id>/<i>` at the truth store.
    Result<Answer> predict(const PredictionCall& call, const Clock& clock);
    /// Counts a request that did not get as far as `predict`.
    void countRefused(std::size_t role, Outcome outcome) { m_metrics.countRequest(role, outcome); }

private:
    ServedModel(std::unique_ptr<model::Predictor> predictor, const ModelSource& source, Exposition& exposition,
        std::vector<std::string> roles);
    Result<Answer> answer(const PredictionCall& call, const Clock& clock);
    std::vector<PredictionRecord> recordsOf(const PredictionCall& call, std::span<const model::Prediction> predictions,
        const std::string& id, SystemTime time) const;

    std::unique_ptr<model::Predictor> m_predictor;
    Version m_version;
    std::vector<std::string> m_paths; ///< by endpoint
    std::vector<std::string> m_roles;
    std::vector<std::string> m_classes; ///< as JSON strings
    RowReader m_reader;
    ModelMetrics m_metrics;
};

} // namespace perch::serving
