#include "app/cli/verbs/train_output.h"

#include "core/base/number_format.h"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <iostream>

namespace perch::cli {

namespace {

using nlohmann::json;

void showRound(const Context& context, const model::TrainProgress& progress) {
    std::string line = fmt::format("Round {} of {}", progress.round, progress.rounds);
    if (progress.validation)
        line += fmt::format(", {} {} on the validation rows, best in round {}", progress.metric,
                            formatDecimal(*progress.validation, 4), progress.bestRound.value_or(0));
    else if (progress.train)
        line += fmt::format(", {} {} on the training rows", progress.metric, formatDecimal(*progress.train, 4));
    else
        return;
    context.progress(fmt::format("{}, about {} left", line, formatAge(progress.remaining)));
}

void printTypes(const data::Table& table, const std::string& label) {
    std::cout << fmt::format("{} ({} rows)\n", table.fingerprint.source, formatCount(table.rows));
    for (const data::Column& column : table.columns) {
        std::string what = column.name == label ? "label" : std::string(toString(column.type));
        if (column.type == data::FieldType::Category)
            what += fmt::format(", {} values", column.categories.size());
        if (column.missing > 0)
            what += fmt::format(", {} missing", formatCount(column.missing));
        std::cout << fmt::format("  {:<24} {}\n", column.name, what);
    }
}

template <typename Value>
json orNull(const std::optional<Value>& value) {
    return value ? json(*value) : json();
}

/// The six of the contract, null where undefined; those of the card for other tasks.
json metricsOf(const model::ModelCard& card) {
    json metrics = json::object();
    if (card.task == model::Task::Binary) {
        for (const char* name : {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"})
            metrics[name] = nullptr;
    }
    for (const auto& [name, value] : card.metrics)
        metrics[name] = value;
    return metrics;
}

json differencesOf(const training::AcceptanceVerdict& verdict) {
    json differences = json::object();
    for (const auto& [name, difference] : verdict.differences)
        differences[name] = {{"value", orNull(difference.value)},
                             {"low", orNull(difference.low)},
                             {"high", orNull(difference.high)},
                             {"p", orNull(difference.p)}};
    return differences;
}

json documentOf(const spec::ModelSpec& spec, const training::TrainingReport& report) {
    json document = {{"model", spec.name.text()},
                     {"run", report.run},
                     {"state", toString(report.state)},
                     {"version", nullptr},
                     {"package", nullptr},
                     {"digest", nullptr},
                     {"alias", nullptr},
                     {"accepted", orNull(report.verdict.accepted)},
                     {"reasons", report.verdict.reasons},
                     {"rows", nullptr},
                     {"metrics", nullptr},
                     {"fingerprint", nullptr}};
    if (report.outcome) {
        const model::ModelCard& card = report.outcome->parts.card;
        document["rows"] = card.rows;
        document["metrics"] = metricsOf(card);
        document["threshold"] = card.threshold;
        document["threshold_rule"] = card.thresholdRule;
        document["fingerprint"] = report.outcome->fingerprint.digest().hex();
        document["rounds"] = report.outcome->rounds;
        document["end"] = report.outcome->end;
        document["fit_seconds"] = report.outcome->fit.count();
    }
    if (!report.verdict.rows.empty())
        document["comparison"] = {{"rows", report.verdict.rows}, {"difference", differencesOf(report.verdict)}};
    if (report.sameModel) {
        document["same_model"] = *report.sameModel;
        document["differences"] = report.differences;
    }
    if (report.publication) {
        const registry::VersionRecord& record = report.publication->record;
        document["version"] = record.version.text();
        document["package"] = record.package.string();
        document["digest"] = record.digest.hex();
        document["alias"] = orNull(report.publication->alias);
    }
    return document;
}

void printOutcome(const model::TrainOutcome& outcome) {
    const model::ModelCard& card = outcome.parts.card;
    std::cout << fmt::format("Trained on {} rows, {} to validate, tested on {}; {} rounds, {}\n",
                             formatCount(card.rows.at("train")), formatCount(card.rows.at("validation")),
                             formatCount(card.rows.at("test")), outcome.rounds, outcome.end);
    if (card.task == model::Task::Binary)
        std::cout << fmt::format("Positive is \"{}\", threshold {} ({})\n", card.classes[1],
                                 formatDecimal(card.threshold, 4), card.thresholdRule);
    for (const auto& [name, value] : card.metrics)
        std::cout << fmt::format("  {:<10} {}\n", name, formatDecimal(value, 4));
}

void printVerdict(const spec::ModelSpec& spec, const training::TrainingReport& report) {
    if (report.publication) {
        const std::string alias = report.publication->alias ? fmt::format(", {}", *report.publication->alias) : "";
        std::cout << fmt::format("Registered {} {}{}\n{}\n", spec.name.text(),
                                 report.publication->record.version.text(), alias,
                                 report.publication->record.package.string());
    }
    const training::AcceptanceVerdict& verdict = report.verdict;
    const char* word = verdict.accepted ? *verdict.accepted ? "Accepted" : "Not accepted, not registered"
                                        : "Not yet decided";
    if (verdict.accepted != true || !verdict.reasons.empty())
        std::cout << fmt::format("{}: {}\n", word, fmt::join(verdict.reasons, "; "));
    if (report.sameModel)
        std::cout << (*report.sameModel ? "The model bytes are those of the capsule.\n"
                                        : "The model bytes differ from those of the capsule.\n");
    for (const std::string& difference : report.differences)
        std::cout << "  " << difference << '\n';
}

} // namespace

void showOnTerminal(const Context& context, const std::string& label, training::TrainingPorts& ports) {
    ports.onActivity = [&context](const std::string& activity) { context.progress(activity); };
    ports.onRound = [&context](const model::TrainProgress& progress) { showRound(context, progress); };
    if (context.json)
        return;
    ports.onTable = [&context, label](const data::Table& table) {
        context.endProgress();
        printTypes(table, label);
    };
}

void printReport(const Context& context, const spec::ModelSpec& spec, const training::TrainingReport& report) {
    context.endProgress();
    if (context.json) {
        printJson(documentOf(spec, report));
        return;
    }
    if (report.outcome)
        printOutcome(*report.outcome);
    printVerdict(spec, report);
}

} // namespace perch::cli
