#pragma once

#include "core/serving/served_model.h"
#include "core/spec/serving_spec.h"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Counter;
}

namespace perch::serving {

struct PredictBody;

/// A rule as perch.yaml gives it: rows at `path` go by the value of a field to other models, all others to `model`.
struct RouteRule {
    ModelName model;
    std::string path;
    spec::RouteSpec route;

    bool leadsTo(const ModelName& name) const;
};

/// A rule over the models that are loaded now. A value that the rule does not list, null and a row without the field
/// lead to the default model and are counted as `unknown` and `absent` in ml_routed_rows_total. The rows of one request
/// may lead to several models: each answers its own, all or none, and the answer has them in the order of the request.
/// Immutable: safe from any thread.
class FieldRoute {
public:
    /// `newest` gives the version of a model that answers now, null if none is loaded: a request that leads there is
    /// answered with Unavailable.
    FieldRoute(const RouteRule& rule, const std::function<std::shared_ptr<ServedModel>(const ModelName&)>& newest,
               Exposition& exposition);

    /// The default model.
    const ModelName& owner() const { return m_targets.front().name; }
    /// The first model of the rule that is not loaded; null if all are.
    const ModelName* absentModel() const;
    /// The answer to a request at the rule's path. Errors are those of ServedModel::predict and name the row.
    Result<PredictionReply> predict(const PredictionCall& call, const Clock& clock) const;
    /// Counts a request that did not get as far as `predict`, with the default model.
    void countRefused(std::size_t role, Outcome outcome) const;

private:
    struct Target {
        ModelName name;
        std::shared_ptr<ServedModel> model;
        std::array<prometheus::Counter*, 3> rows{}; ///< by whether the value was listed, unknown or absent
    };
    /// The rows of one request that one model answers.
    struct Part {
        const Target* target = nullptr;
        std::vector<std::size_t> places = {}; ///< in the request
        std::array<std::size_t, 3> matches{}; ///< rows by whether the value was listed, unknown or absent
        EncodedRows rows = {};
        std::vector<model::Prediction> predictions = {};
    };

    /// The position of the target of a row, and why it is that.
    std::pair<std::size_t, std::size_t> targetOf(const nlohmann::json& row) const;
    Result<std::vector<Part>> partsOf(const PredictBody& body) const;
    Result<void> encode(const PredictBody& body, Part& part) const;
    std::string format(const std::vector<Part>& parts, std::size_t rows, std::string_view id) const;
    Result<PredictionReply> answer(const PredictionCall& call, const Clock& clock, std::vector<Part>& parts) const;
    void count(const std::vector<Part>& parts, const Error* error, std::size_t role, Seconds duration) const;

    std::string m_field;
    std::string m_path;
    std::vector<Target> m_targets; ///< the default first
    std::map<std::string, std::size_t, std::less<>> m_targetOfValue;
};

} // namespace perch::serving
