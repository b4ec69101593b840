#include "core/drift/model_scores.h"

#include "core/base/utf8.h"
#include "core/data/table_encoder.h"

#include <algorithm>

namespace perch::drift {

namespace {

constexpr std::size_t kScoredAtOnce = 65'536;

} // namespace

Result<std::vector<float>> scoreTable(const model::Predictor& predictor, const data::Table& table,
                                      std::stop_token stop) {
    const model::Package& package = predictor.package();
    if (package.card.task == model::Task::MultiClass)
        return fail(ErrorCode::InvalidInput, "{} is a multi-class model; predictions are compared for binary models and "
                                             "regressions so far.",
                    package.card.model.text());
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, package.transform));
    const data::Rows rows = data::allRows(table.rows);
    std::vector<float> scores;
    scores.reserve(rows.size());
    for (std::size_t begin = 0; begin < rows.size(); begin += kScoredAtOnce) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The scoring was stopped.");
        const auto part = std::span(rows).subspan(begin, std::min(kScoredAtOnce, rows.size() - begin));
        const std::vector<float> scored = TRY(predictor.score(encoder.encode(part)));
        scores.insert(scores.end(), scored.begin(), scored.end());
    }
    return scores;
}

Result<std::vector<std::uint8_t>> labelsOf(const data::Column& label, const model::ModelCard& card) {
    std::vector<std::uint8_t> ofCode;
    for (const std::string& category : label.categories) {
        const auto known = std::ranges::find(card.classes, category);
        if (known == card.classes.end())
            return fail(ErrorCode::InvalidInput, "The label column {} holds '{}', but {} knows '{}' and '{}'.", label.name,
                        shownText(category), card.model.text(), card.classes[0], card.classes[1]);
        ofCode.push_back(static_cast<std::uint8_t>(known - card.classes.begin()));
    }
    std::vector<std::uint8_t> labels;
    labels.reserve(label.codes.size());
    for (const std::int32_t code : label.codes)
        labels.push_back(code < 0 ? kUnlabelled : ofCode[static_cast<std::size_t>(code)]);
    return labels;
}

std::vector<double> probabilitiesOf(std::span<const float> scores, const stats::IsotonicCalibration* calibration) {
    std::vector<double> probabilities;
    probabilities.reserve(scores.size());
    for (const float score : scores)
        probabilities.push_back(calibration != nullptr ? calibration->at(score) : static_cast<double>(score));
    return probabilities;
}

} // namespace perch::drift
