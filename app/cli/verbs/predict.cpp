#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/number_format.h"
#include "core/evaluate/score_file.h"
#include "core/model/predict/xgboost_library.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace perch::cli {

namespace {

struct PredictOptions {
    std::filesystem::path package, out;
    std::string data;
};

Result<int> runPredict(const Context& context, const PredictOptions& options) {
    const auto library = TRY(model::XgboostLibrary::load());
    model::Package package = TRY(model::Package::load(options.package));
    const auto predictor = TRY(model::Predictor::create(*library, std::move(package)));
    const auto progress = [&](double share, std::uint64_t rows) {
        context.progress(share > 0 ? fmt::format("Predicted {} rows, {}", formatCount(rows), formatPercent(share, 0))
                                   : fmt::format("Predicted {} rows", formatCount(rows)));
    };
    Result<evaluate::ScoredFile> result =
        evaluate::scoreFile(*predictor, options.data, options.out, *context.clock, progress, context.stop);
    context.endProgress();
    const evaluate::ScoredFile scored = TRY(std::move(result));
    if (context.json) {
        printJson({{"model", predictor->package().card.model.text()},
                   {"digest", predictor->package().digest.hex()},
                   {"rows", scored.rows},
                   {"unseen_categories", scored.unseenCells},
                   {"out", options.out.string()}});
        return 0;
    }
    std::cout << fmt::format("{} rows scored by {}, written to {}\n", formatCount(scored.rows),
                             predictor->package().card.model.text(), options.out.string());
    if (scored.unseenCells > 0)
        std::cout << fmt::format("{} cells hold a category that the model has not seen; they count as missing\n",
                                 formatCount(scored.unseenCells));
    return 0;
}

} // namespace

void addPredictVerb(CLI::App& app) {
    const auto options = std::make_shared<PredictOptions>();
    CLI::App* verb = addVerb(app, "predict", "Score a table of any size with a package",
                             [options](const Context& context) { return runPredict(context, *options); });
    verb->add_option("--package", options->package, "Package folder")->required();
    verb->add_option("--data", options->data,
                     "Table with the model's fields: a CSV, TSV, JSON Lines or Parquet file, a folder, a glob or "
                     "s3://bucket/key")
        ->required();
    verb->add_option("--out", options->out,
                     "File to write, Parquet if its name ends in .parquet, else CSV: score,class per row; a regression "
                     "writes score alone")
        ->required();
}

} // namespace perch::cli
