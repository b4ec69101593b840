#include "core/drift/model_drift.h"

#include "core/drift/accuracy_effect.h"
#include "core/drift/model_scores.h"

#include <algorithm>

namespace perch::drift {

namespace {

const std::string kScoreColumn = "prediction score";

data::Column numberColumn(std::string name, std::span<const float> scores) {
    return {.name = std::move(name), .numbers = data::Numbers(scores.begin(), scores.end())};
}

Result<bool> holdsColumn(const spec::SourceSpec& spec, const std::string& column, const DriftReading& reading,
                         const std::stop_token& stop) {
    const auto source = TRY(data::openSource(spec, {.clock = reading.clock, .digest = data::ContentDigest::Skip}, stop));
    return std::ranges::find(source->columns(), column) != source->columns().end();
}

/// The columns that the models read, with their types, and the label if both sides have it.
Result<std::vector<std::string>> columnsFor(const ModelDriftRequest& request, const std::string& label,
                                            DriftReading& reading) {
    std::vector<std::string> columns;
    for (const model::Predictor* predictor : {request.predictor, request.against}) {
        if (predictor == nullptr)
            continue;
        for (const data::Field& field : predictor->package().transform.fields()) {
            const auto [known, fresh] = reading.declared.emplace(field.name, field.type);
            if (!fresh && known->second != field.type)
                return fail(ErrorCode::InvalidInput, "The two models read the column {} with different types.", field.name);
            if (fresh)
                columns.push_back(field.name);
        }
    }
    if (!label.empty()) {
        reading.declared[label] = data::FieldType::Category;
        columns.push_back(label);
    }
    return columns;
}

Result<ScoredSide> scoreSide(const model::Predictor& predictor, const data::Table& table, const std::string& label,
                             const std::stop_token& stop) {
    ScoredSide side{.scores = TRY(scoreTable(predictor, table, stop))};
    if (!label.empty() && predictor.package().card.task == model::Task::Binary) {
        const data::Column& column = *TRY(table.column(label));
        side.labels = TRY(labelsOf(column, predictor.package().card));
    }
    return side;
}

/// What two models say to the current rows.
Result<ModelsCompared> compareModels(const ModelDriftRequest& request, std::span<const float> scores,
                                     const data::Table& table, const std::stop_token& stop) {
    const std::vector<float> others = TRY(scoreTable(*request.against, table, stop));
    ModelsCompared compared{.model = request.againstTitle, .rows = scores.size()};
    data::Table first, second;
    first.columns = {numberColumn(kScoreColumn, scores)};
    second.columns = {numberColumn(kScoreColumn, others)};
    first.rows = second.rows = scores.size();
    compared.scores = TRY(measureDrift(first, second, {})).columns.front();
    const auto& [mine, other] =
        std::pair(request.predictor->package().card, request.against->package().card);
    std::uint64_t equal = 0;
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const double a = static_cast<double>(scores[i]), b = static_cast<double>(others[i]);
        sum += b - a;
        equal += (a >= mine.threshold) == (b >= other.threshold);
    }
    const double rows = static_cast<double>(scores.size());
    compared.meanDifference = sum / rows;
    if (mine.task == model::Task::Binary && other.task == model::Task::Binary) {
        compared.agreement = static_cast<double>(equal) / rows;
        compared.agreed = stats::wilsonInterval(equal, scores.size());
    }
    return compared;
}

} // namespace

double AccuracyEffects::unexplained() const {
    double sum = 0;
    for (const auto& [feature, effect] : features)
        sum += effect;
    return change() - sum;
}

Result<ModelDrift> measureModelDrift(const spec::SourceSpec& reference, const spec::SourceSpec& current,
                                     const ModelDriftRequest& request, DriftOptions options, DriftReading reading,
                                     std::stop_token stop) {
    const model::Package& package = request.predictor->package();
    const bool asked = !options.label.empty();
    const std::string label = asked ? options.label : package.card.label;
    const bool labelled = asked || (TRY(holdsColumn(reference, label, reading, stop)) &&
                                    TRY(holdsColumn(current, label, reading, stop)));
    options.label = labelled ? label : "";
    options.prediction = kScoreColumn;
    for (const data::FeatureBins& feature : package.reference.features)
        options.importance[feature.feature] = feature.importance;
    const std::vector<std::string> columns = TRY(columnsFor(request, options.label, reading));
    TablePair pair = TRY(readPair(reference, current, columns, reading, stop));
    reading.progress(0.5);

    const ScoredSide before = TRY(scoreSide(*request.predictor, pair.reference, options.label, stop));
    const ScoredSide after = TRY(scoreSide(*request.predictor, pair.current, options.label, stop));
    ModelDrift drift;
    if (request.against != nullptr)
        drift.against = TRY(compareModels(request, after.scores, pair.current, stop));
    if (package.card.task == model::Task::Binary) {
        drift.conceptDrift = measureConceptDrift(before, after, package.card.threshold, options.alpha);
        drift.estimate = estimateOn(before, after, package.card.threshold);
    }
    if (drift.estimate) {
        const auto& calibration = drift.estimate->calibration;
        drift.accuracy = TRY(measureAccuracyEffects(*request.predictor, pair.reference, pair.current, before.scores,
                                                    after.scores, calibration ? &*calibration : nullptr, stop));
        reading.progress(0.7);
    }
    pair.reference.columns.push_back(numberColumn(kScoreColumn, before.scores));
    pair.current.columns.push_back(numberColumn(kScoreColumn, after.scores));
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "The comparison was stopped.");
    drift.report = TRY(measureDrift(pair.reference, pair.current, options));
    return drift;
}

} // namespace perch::drift
