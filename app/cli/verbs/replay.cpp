#include "app/cli/model_subject.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/evaluate/log_replay.h"
#include "core/model/predict/xgboost_library.h"
#include "core/serving/joined_rows.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace perch::cli {

namespace {

using nlohmann::json;

constexpr std::size_t kShownChanges = 10;

struct ReplayArguments {
    SubjectArguments subject;
    std::string log, of, truth;
    double leastAgreement = 0; ///< percent
};

/// The files of a model in the folder of perch-server --log-dir; anything else is taken as it is.
std::string filesOfLog(const ReplayArguments& arguments, const ModelName& model) {
    const std::filesystem::path folder = std::filesystem::path(arguments.log) / model.text();
    if (std::error_code ignored; !std::filesystem::is_directory(folder, ignored))
        return arguments.log;
    return (folder / (arguments.of.empty() ? "*" : arguments.of) / "*.parquet").string();
}

json scoresToJson(const evaluate::LogReplay::Scores& scores) {
    json quantiles = json::object();
    for (std::size_t i = 0; i < scores.quantiles.size(); ++i)
        quantiles[fmt::format("{:g}", evaluate::kReplayQuantiles[i])] = scores.quantiles[i];
    return {{"mean", scores.mean}, {"quantiles", std::move(quantiles)}};
}

json replayToJson(const evaluate::LogReplay& replay, const std::string& candidate) {
    json changes = json::array();
    for (const auto& change : replay.changes)
        changes.push_back({{"from", change.from}, {"to", change.to}, {"rows", change.rows}});
    const auto share = [&](std::uint64_t right) {
        return replay.labelled == 0 ? json(nullptr)
                                    : json(static_cast<double>(right) / static_cast<double>(replay.labelled));
    };
    return {
        {"candidate", candidate},
        {"rows", replay.rows},
        {"unseen_categories", replay.unseenCells},
        {"agreement", replay.agreeing ? json(static_cast<double>(*replay.agreeing) / static_cast<double>(replay.rows))
                                      : json(nullptr)},
        {"changes", std::move(changes)},
        {"mean_difference", replay.meanDifference ? json(*replay.meanDifference) : json(nullptr)},
        {"scores", {{"logged", scoresToJson(replay.logged)}, {"candidate", scoresToJson(replay.candidate)}}},
        {"psi", replay.psi ? json(*replay.psi) : json(nullptr)},
        {"psi_interval", replay.psiInterval ? json{replay.psiInterval->low, replay.psiInterval->high} : json(nullptr)},
        {"labelled", replay.labelled},
        {"accuracy", {{"logged", share(replay.loggedRight)}, {"candidate", share(replay.candidateRight)}}},
        {"p_value", replay.pValue ? json(*replay.pValue) : json(nullptr)}};
}

std::string accuracyText(std::uint64_t right, std::uint64_t labelled) {
    const auto interval = stats::wilsonInterval(right, labelled);
    return fmt::format("{} [{}, {}]", formatPercent(static_cast<double>(right) / static_cast<double>(labelled)),
                       formatPercent(interval->low), formatPercent(interval->high));
}

void printScores(const evaluate::LogReplay& replay) {
    std::cout << fmt::format("{:<10} {:>9}", "score", "mean");
    for (const double share : evaluate::kReplayQuantiles)
        std::cout << fmt::format(" {:>9}", fmt::format("{:g} %", 100 * share));
    std::cout << '\n';
    for (const auto& [name, scores] :
         {std::pair{"logged", &replay.logged}, std::pair{"candidate", &replay.candidate}}) {
        std::cout << fmt::format("{:<10} {:>9.4g}", name, scores->mean);
        for (const double quantile : scores->quantiles)
            std::cout << fmt::format(" {:>9.4g}", quantile);
        std::cout << '\n';
    }
}

void printReplay(const evaluate::LogReplay& replay, const std::string& candidate) {
    std::cout << fmt::format("{} on {} logged requests\n", candidate, formatCount(replay.rows));
    if (replay.agreeing)
        std::cout << fmt::format(
            "{} of the decisions are the same, {} changed\n",
            formatPercent(static_cast<double>(*replay.agreeing) / static_cast<double>(replay.rows)),
            formatCount(replay.rows - *replay.agreeing));
    if (replay.meanDifference)
        std::cout << fmt::format("the answers differ by {:.6g} on average\n", *replay.meanDifference);
    for (std::size_t i = 0; i < std::min(kShownChanges, replay.changes.size()); ++i)
        std::cout << fmt::format("  {} -> {}: {}\n", replay.changes[i].from, replay.changes[i].to,
                                 formatCount(replay.changes[i].rows));
    printScores(replay);
    if (replay.psi)
        std::cout << fmt::format(
            "PSI between the scores {:.4f}{}\n", *replay.psi,
            replay.psiInterval ? fmt::format(" [{:.4f}, {:.4f}]", replay.psiInterval->low, replay.psiInterval->high)
                               : "");
    if (replay.unseenCells > 0)
        std::cout << fmt::format("{} cells hold a category that the candidate has not seen; they count as missing\n",
                                 formatCount(replay.unseenCells));
    if (replay.labelled == 0) {
        std::cout << "no label is joined: accuracy is not known\n";
        return;
    }
    std::cout << fmt::format("accuracy on {} labelled requests: logged {}, candidate {}, p = {:.3g}\n",
                             formatCount(replay.labelled), accuracyText(replay.loggedRight, replay.labelled),
                             accuracyText(replay.candidateRight, replay.labelled), *replay.pValue);
}

Result<int> runReplay(const Context& context, const ReplayArguments& arguments) {
    const auto library = TRY(model::XgboostLibrary::load());
    const LoadedSubject candidate = TRY(loadSubject(context, *library, arguments.subject));
    const ModelName& model = candidate.predictor->package().card.model;
    std::unordered_map<std::string, std::string> truths;
    if (!arguments.truth.empty())
        truths = TRY(serving::readTruths(arguments.truth, model.text()));
    const auto progress = [&](double share, std::uint64_t rows) {
        context.progress(share > 0 ? fmt::format("Replayed {} requests, {}", formatCount(rows), formatPercent(share, 0))
                                   : fmt::format("Replayed {} requests", formatCount(rows)));
    };
    Result<evaluate::LogReplay> result = evaluate::replayLog(*candidate.predictor, filesOfLog(arguments, model), truths,
                                                             *context.clock, progress, context.stop);
    context.endProgress();
    const evaluate::LogReplay replay = TRY(std::move(result));
    if (context.json)
        printJson(replayToJson(replay, candidate.subject.title));
    else
        printReplay(replay, candidate.subject.title);
    if (arguments.leastAgreement == 0)
        return 0;
    if (!replay.agreeing)
        return fail(ErrorCode::InvalidInput, "{} is a regression without a tolerance: agreement is not defined.",
                    model.text());
    const double percent = 100 * static_cast<double>(*replay.agreeing) / static_cast<double>(replay.rows);
    return percent < arguments.leastAgreement ? 1 : 0;
}

} // namespace

void addReplayVerb(CLI::App& app) {
    const auto arguments = std::make_shared<ReplayArguments>();
    CLI::App* verb = addVerb(app, "replay", "Say what a candidate would have answered to logged requests",
                             [arguments](const Context& context) { return runReplay(context, *arguments); });
    addSubjectOptions(*verb, arguments->subject);
    verb->add_option("--log", arguments->log, "Folder of perch-server --log-dir, or Parquet files of it")->required();
    verb->add_option("--of", arguments->of, "Only what this version answered, such as v2");
    verb->add_option("--truth", arguments->truth, "Database of the truth store, for accuracy");
    verb->add_option("--min-agreement", arguments->leastAgreement,
                     "Exit with 1 below this percentage of equal decisions")
        ->check(CLI::Range(0.0, 100.0));
}

} // namespace perch::cli
