#pragma once

#include "core/base/clock.h"
#include "core/model/predict/predictor.h"
#include "core/serving/model_metrics.h"
#include "core/serving/prediction_record.h"
#include "core/serving/row_reader.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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
    bool keepCells = false; ///< whether the answered rows come with what was encoded
    std::string_view jsonLength = {}; ///< of the header Inference-Header-Content-Length, empty without
};

class ServedModel;

/// Rows that one version answered in one request.
struct AnsweredRows {
    std::shared_ptr<const ServedModel> model;
    EncodedRows rows;
    std::vector<model::Prediction> predictions;
    std::vector<std::string> ids; ///< by which feedback finds a row: the request's, in a batch of several `<id>/<i>`
    std::size_t role = 0;
    SystemTime time{};
};

/// What goes back, and what was answered for those who keep count of it.
struct PredictionReply {
    std::string body;
    std::string requestId;
    std::vector<AnsweredRows> answered;
    std::size_t jsonBytes = 0; ///< if not 0, bytes follow so much JSON: see InferAnswer
};

/// One loaded version: predictor, row transform, metrics. Safe from any thread.
class ServedModel : public std::enable_shared_from_this<ServedModel> {
public:
    /// What models of a server have in common.
    struct Surroundings {
        const model::XgboostLibrary& library; ///< must outlive the model
        Exposition& exposition;
        std::vector<std::string> roles;
        /// The paths of the rules that lead to a model.
        std::function<std::vector<std::string>(const ModelName&)> routesTo;
        /// Where the features of a model are looked up; nothing: the requests have them all.
        std::function<std::optional<FeatureLookup::Options>(const ModelName&)> lookupOf = {};
        const Clock* clock = nullptr; ///< for the age of lookup tables; must outlive the model
    };
    /// Errors are those of Package::load, Predictor::create and FeatureLookup::open; Conflict if the package is of
    /// another model than asked for.
    static Result<std::shared_ptr<ServedModel>> load(const ModelSource& source, const Surroundings& surroundings);

    const model::Package& package() const { return m_predictor->package(); }
    const ModelName& name() const { return package().card.model; }
    Version version() const { return m_version; }
    const std::string& pathOf(Endpoint endpoint) const { return m_paths[static_cast<std::size_t>(endpoint)]; }
    const RowReader& reader() const { return m_reader; }
    /// As JSON strings; none for a regression.
    std::span<const std::string> classes() const { return m_classes; }

    /// Predicts and counts. The id is the caller's (body before header) or a new one.
    Result<PredictionReply> predict(const PredictionCall& call, const Clock& clock);
    /// Counts a request that did not get as far as `predict`.
    void countRefused(std::size_t role, Outcome outcome) { m_metrics.countRequest(role, outcome); }

    /// The decisions for rows that `reader` made; counts their bins and lookups.
    Result<std::vector<model::Prediction>> decide(const EncodedRows& rows, std::size_t role);
    /// Counts a request by how it ended, at one of the model's paths or routes.
    void count(std::size_t role, std::string_view path, Outcome outcome, Seconds duration);
    /// What the truth store needs to know.
    static std::vector<PredictionRecord> recordsOf(const AnsweredRows& answered);

private:
    ServedModel(std::unique_ptr<model::Predictor> predictor, std::unique_ptr<FeatureLookup> lookup,
                const ModelSource& source, const Surroundings& surroundings);
    Result<PredictionReply> answer(const PredictionCall& call, const Clock& clock);

    std::unique_ptr<model::Predictor> m_predictor;
    std::unique_ptr<FeatureLookup> m_lookup; ///< null: none
    Version m_version;
    std::vector<std::string> m_paths; ///< by endpoint, then the routes
    std::vector<std::string> m_roles;
    std::vector<std::string> m_classes;
    RowReader m_reader;
    ModelMetrics m_metrics;
};

/// The ids of the rows of a request: its own, in a batch of several `<id>/<i>`.
std::vector<std::string> rowIds(const std::string& id, std::size_t rows);
/// How a request ended that gave this error.
Outcome outcomeOf(const Error& error);

} // namespace perch::serving
