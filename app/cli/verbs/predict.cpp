#include "app/cli/context.h"
#include "app/cli/verbs.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/data/csv_reader.h"
#include "core/data/table_encoder.h"
#include "core/model/predict/predictor.h"
#include "core/model/predict/xgboost_library.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace perch::cli {

namespace {

constexpr std::size_t kRowsAtOnce = 65'536;

struct PredictOptions {
    std::filesystem::path package, data, out;
};

/// Only the model's fields, with the model's types.
data::CsvOptions csvOptionsFor(const data::RowTransform& transform) {
    data::CsvOptions options{.columns = transform.names()};
    for (const data::Field& field : transform.fields())
        options.declared[field.name] = field.type;
    return options;
}

std::string csvText(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

/// `score,class` per row of the data, in its order; `score` alone for a regression.
Result<std::string> scoreTable(const Context& context, const model::Predictor& predictor,
                               const data::TableEncoder& encoder, std::size_t rows) {
    std::vector<std::string> names;
    for (const std::string& name : predictor.package().card.classes)
        names.push_back(csvText(name));
    const data::Rows all = data::allRows(rows);
    std::string text = names.empty() ? "score\n" : "score,class\n";
    const std::size_t outputs = predictor.outputs();
    for (std::size_t from = 0; from < rows; from += kRowsAtOnce) {
        if (context.stop.stop_requested())
            return fail(ErrorCode::Cancelled, "The prediction was cancelled.");
        const auto part = std::span(all).subspan(from, std::min(kRowsAtOnce, rows - from));
        const std::vector<float> scores = TRY(predictor.score(encoder.encode(part)));
        for (std::size_t i = 0; i < part.size(); ++i) {
            const model::Prediction answer = predictor.decide(std::span(scores).subspan(i * outputs, outputs));
            text += names.empty() ? fmt::format("{}\n", answer.score)
                                  : fmt::format("{},{}\n", answer.score, names[answer.classIndex]);
        }
        context.progress(fmt::format("Predicted {} of {} rows", formatCount(from + part.size()), formatCount(rows)));
    }
    context.endProgress();
    return text;
}

Result<int> runPredict(const Context& context, const PredictOptions& options) {
    const auto library = TRY(model::XgboostLibrary::load());
    model::Package package = TRY(model::Package::load(options.package));
    const auto predictor = TRY(model::Predictor::create(*library, std::move(package)));
    const data::RowTransform& transform = predictor->package().transform;
    const data::Table table = TRY(data::readCsv(options.data, *context.clock, csvOptionsFor(transform), context.stop));
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, transform));
    const std::string text = TRY(scoreTable(context, *predictor, encoder, table.rows));
    TRY(writeFileAtomically(options.out, text));
    const std::uint64_t unseen = encoder.unseenCells();
    if (context.json) {
        printJson({{"model", predictor->package().card.model.text()},
                   {"digest", predictor->package().digest.hex()},
                   {"rows", table.rows},
                   {"unseen_categories", unseen},
                   {"out", options.out.string()}});
        return 0;
    }
    std::cout << fmt::format("{} rows scored by {}, written to {}\n", formatCount(table.rows),
                             predictor->package().card.model.text(), options.out.string());
    if (unseen > 0)
        std::cout << fmt::format("{} cells hold a category that the model has not seen; they count as missing\n",
                                 formatCount(unseen));
    return 0;
}

} // namespace

void addPredictVerb(CLI::App& app) {
    const auto options = std::make_shared<PredictOptions>();
    CLI::App* verb = addVerb(app, "predict", "Score a table with a package",
                             [options](const Context& context) { return runPredict(context, *options); });
    verb->add_option("--package", options->package, "Package folder")->required();
    verb->add_option("--data", options->data,
                     "Table with the model's fields: a CSV, TSV, JSON Lines or Parquet file, a folder, a glob or "
                     "s3://bucket/key")
        ->required();
    verb->add_option("--out", options->out, "CSV file to write: score,class per row; a regression writes score alone")->required();
}

} // namespace perch::cli
