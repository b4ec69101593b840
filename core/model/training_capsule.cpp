#include "core/model/training_capsule.h"

#include "core/base/digest.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/model/predict/xgboost_library.h"
#include "core/model/training_spec_json.h"

#include <nlohmann/json.hpp>

namespace perch::model {

namespace {

constexpr std::size_t kLargestCapsule = std::size_t{4} << 20;

/// A search is not repeated: the capsule holds what it found.
spec::TrainingSpec withoutSearch(spec::TrainingSpec training) {
    training.search = {};
    return training;
}

nlohmann::json toJson(const data::Cell& cell) {
    if (const double* number = std::get_if<double>(&cell))
        return *number;
    const std::string* text = std::get_if<std::string>(&cell);
    return text != nullptr ? nlohmann::json(*text) : nlohmann::json();
}

data::Cell cellFrom(const nlohmann::json& value) {
    if (value.is_number())
        return value.get<double>();
    return value.is_string() ? data::Cell(value.get<std::string>()) : data::Cell();
}

Capsule capsuleFrom(const nlohmann::json& document) {
    Capsule capsule;
    capsule.label = document.at("label").get<std::string>();
    capsule.positive = document.at("positive").get<std::string>();
    capsule.ignored = document.at("ignored").get<std::vector<std::string>>();
    capsule.training = trainingFromJson(document.at("training"));
    capsule.threshold = thresholdFromJson(document.at("threshold_rule"));
    capsule.keptRounds = document.at("kept_rounds").get<std::uint32_t>();
    capsule.threads = document.at("threads").get<std::uint32_t>();
    capsule.device = document.at("device").get<std::string>();
    capsule.xgboost = document.at("versions").at("xgboost").get<std::string>();
    capsule.perch = document.at("versions").at("perch").get<std::string>();
    capsule.source = document.at("fingerprint").at("source").get<std::string>();
    capsule.fingerprint = document.at("fingerprint").at("digest").get<std::string>();
    capsule.content = document.at("fingerprint").at("content").get<std::string>();
    capsule.trainedUntil = cellFrom(document.at("split").at("trained_until"));
    capsule.booster = document.value("booster_sha256", "");
    return capsule;
}

} // namespace

std::string capsuleText(const XgboostLibrary& library, const TrainRequest& request, const PackageParts& parts,
                        const TrainingFacts& facts) {
    const spec::SplitSpec& split = facts.training.split;
    const ModelCard& card = parts.card;
    const bool validated = card.rows.at("validation") > 0;
    const bool stratified = split.kind == spec::SplitSpec::Kind::Stratified && card.task != Task::Regression;
    nlohmann::json parameters = nlohmann::json::object();
    for (const auto& [name, value] : facts.parameters)
        parameters[name] = value;
    const nlohmann::json capsule = {{"schema", 1},
                                    {"model", request.model.text()},
                                    {"label", request.label},
                                    {"positive", card.task == Task::Binary ? card.classes[1] : ""},
                                    {"ignored", request.ignored},
                                    {"parameters", std::move(parameters)},
                                    {"training", trainingToJson(withoutSearch(facts.training))},
                                    {"rounds", facts.training.rounds},
                                    {"kept_rounds", facts.keptRounds},
                                    {"imputation", facts.training.impute ? "median_mode" : "off"},
                                    {"threshold", card.thresholdRule},
                                    {"threshold_rule", thresholdToJson(request.threshold)},
                                    {"split",
                                     {{"rule", toString(split.kind)},
                                      {"generator", stratified ? "scikit-learn" : "perch"},
                                      {"seed", facts.training.seed},
                                      {"test_share", split.testShare},
                                      {"trained_until", toJson(facts.trainedUntil)},
                                      {"validation_share", validated ? split.validationShare : 0}}},
                                    {"fingerprint", request.table->fingerprint.toJson()},
                                    {"threads", facts.threads},
                                    {"matrix", facts.externalMemory ? "external" : "memory"},
                                    {"device", facts.device},
                                    {"booster_sha256", sha256(parts.booster).hex()},
                                    {"versions", {{"perch", request.codeVersion}, {"xgboost", library.version()}}}};
    return capsule.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Capsule> parseCapsule(std::string_view json, const std::string& file) {
    const auto corrupt = [&](std::string_view why) {
        return fail(ErrorCode::Corrupt, "The capsule {} is not usable: {}", file, why);
    };
    const Result<nlohmann::json> document = parseJson(json, file);
    if (!document)
        return corrupt("it is not JSON.");
    try {
        Capsule capsule = capsuleFrom(*document);
        capsule.model = TRY(ModelName::parse(document->at("model").get<std::string>()));
        return capsule;
    } catch (const nlohmann::json::exception& problem) {
        return corrupt(fmt::format("{}.", problem.what()));
    }
}

Result<Capsule> loadCapsule(const std::filesystem::path& path) {
    std::error_code code;
    const std::filesystem::path file = std::filesystem::is_directory(path, code) ? path / "capsule.json" : path;
    const std::string bytes = TRY(readFile(file, kLargestCapsule));
    return parseCapsule(bytes, file.string());
}

std::vector<std::string> differences(const Capsule& capsule, const data::Fingerprint& data,
                                     const XgboostLibrary& library, const std::string& perch, std::uint32_t threads,
                                     const std::string& device) {
    std::vector<std::string> found;
    const auto compare = [&](std::string_view what, const std::string& then, const std::string& now) {
        if (then != now)
            found.push_back(fmt::format("{} was {} and is {} here.", what, then, now));
    };
    compare("The data's digest", capsule.fingerprint, data.digest().hex());
    compare("The version of XGBoost", capsule.xgboost, library.version());
    compare("The version of Perch", capsule.perch, perch);
    compare("The number of threads", std::to_string(capsule.threads), std::to_string(threads));
    compare("The device", capsule.device, device);
    if (capsule.training.timeBudget.count() > 0)
        found.push_back("The rounds were limited by a time budget, which no two runs spend alike.");
    return found;
}

} // namespace perch::model
