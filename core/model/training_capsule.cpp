#include "core/model/training_capsule.h"

#include "core/model/predict/xgboost_library.h"
#include "core/model/training_matrix.h"

#include <nlohmann/json.hpp>

namespace perch::model {

std::vector<std::pair<std::string, std::string>> boosterParameters(const spec::TrainingSpec& training,
                                                                   std::uint32_t threads) {
    return {{"objective", "binary:logistic"},
            {"eval_metric", "logloss"},
            {"tree_method", "hist"},
            {"device", "cpu"},
            {"eta", fmt::format("{}", training.learningRate)},
            {"max_depth", std::to_string(training.depth)},
            {"max_bin", std::to_string(kHistogramBins)},
            {"seed", std::to_string(training.seed % (std::uint64_t{1} << 31))},
            {"nthread", std::to_string(threads)}};
}

std::string thresholdRuleText(const spec::ThresholdSpec& threshold) {
    if (threshold.rule == spec::ThresholdSpec::Rule::Fixed)
        return "fixed";
    return fmt::format("cost {}:{}", threshold.falseNegativeCost, threshold.falsePositiveCost);
}

std::string capsuleText(const XgboostLibrary& library, const TrainRequest& request, const ModelCard& card,
                        std::uint32_t threads) {
    const spec::TrainingSpec& training = request.training;
    nlohmann::json parameters = nlohmann::json::object();
    for (const auto& [name, value] : boosterParameters(training, threads))
        parameters[name] = value;
    const bool validated = request.threshold.rule == spec::ThresholdSpec::Rule::Cost;
    const nlohmann::json capsule = {{"schema", 1},
                                    {"model", request.model.text()},
                                    {"label", request.label},
                                    {"positive", card.classes[1]},
                                    {"parameters", std::move(parameters)},
                                    {"rounds", training.rounds},
                                    {"imputation", training.impute ? "median_mode" : "off"},
                                    {"threshold", card.thresholdRule},
                                    {"split",
                                     {{"rule", "stratified"},
                                      {"generator", "scikit-learn"},
                                      {"seed", training.seed},
                                      {"test_share", training.split.testShare},
                                      {"validation_share", validated ? kValidationShare : 0}}},
                                    {"fingerprint", request.table->fingerprint.toJson()},
                                    {"threads", threads},
                                    {"device", "cpu"},
                                    {"versions", {{"perch", request.codeVersion}, {"xgboost", library.version()}}}};
    return capsule.dump(1);
}

} // namespace perch::model
