#include "app/cli/live_evaluation.h"

#include "core/base/number_format.h"
#include "core/evaluate/live_metrics.h"
#include "core/model/predict/package.h"
#include "core/platforms/local/local_files.h"
#include "core/registry/embedded_registry.h"
#include "core/registry/evaluation_history.h"
#include "core/serving/joined_rows.h"
#include "core/spec/model_spec.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <charconv>

namespace perch::cli {

namespace {

using nlohmann::json;
using registry::EvaluationRecord;

constexpr std::size_t kShownHistory = 20;

/// `7d`, `36h`, `90m`
Result<Seconds> parseSpan(const std::string& text) {
    double number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const double seconds = unit == "d" ? 86'400 : unit == "h" ? 3'600 : unit == "m" ? 60 : 0;
    if (code != std::errc() || seconds == 0 || !(number > 0) || number > 36'500)
        return fail(ErrorCode::InvalidInput, "--since {} is no span of time such as 7d, 36h or 90m.", text);
    return Seconds(number * seconds);
}

struct Limit {
    std::string name;
    std::optional<double> value;
};

/// F1, or else accuracy, as the model's perch.yaml accepts it; none without a file.
Result<Limit> limitOf(const Workspace& workspace, const ModelName& model) {
    const std::filesystem::path file = workspace.models() / model.text() / "perch.yaml";
    if (std::error_code ignored; !std::filesystem::exists(file, ignored))
        return Limit{};
    const spec::ModelSpec spec = TRY(spec::loadModelSpec(file));
    if (spec.acceptance.f1)
        return Limit{"f1", spec.acceptance.f1};
    if (spec.acceptance.accuracy)
        return Limit{"accuracy", spec.acceptance.accuracy};
    return Limit{};
}

std::string metricText(const EvaluationRecord& record, const char* name) {
    const auto found = record.metrics.find(name);
    return found == record.metrics.end() ? "undefined" : formatPercent(found->second);
}

std::string verdictText(const EvaluationRecord& record) {
    if (record.limitName.empty())
        return "no limit in perch.yaml";
    if (!record.passed)
        return fmt::format("{} is undefined, limit {:g}", record.limitName, *record.limit);
    return fmt::format("{} {} {:g}", record.limitName, *record.passed ? "at least" : "below", *record.limit);
}

json toJson(const EvaluationRecord& record) {
    return {{"model", record.model.text()},
            {"version", record.version.text()},
            {"from", toIso8601(record.from)},
            {"to", toIso8601(record.to)},
            {"rows", record.rows},
            {"metrics", record.metrics},
            {"limit", record.limit ? json{{"metric", record.limitName}, {"value", *record.limit}} : json(nullptr)},
            {"passed", record.passed ? json(*record.passed) : json(nullptr)},
            {"made_at", toIso8601(record.madeAt)},
            {"made_by", record.madeBy}};
}

void printRecord(const EvaluationRecord& record) {
    fmt::print("{} {} until {}: {} labelled requests, accuracy {}, precision {}, recall {}, F1 {}; {}\n",
               record.model.text(), record.version.text(), toIso8601(record.to), formatCount(record.rows),
               metricText(record, "accuracy"), metricText(record, "precision"), metricText(record, "recall"),
               metricText(record, "f1"), verdictText(record));
}

Result<EvaluationRecord> measureVersion(registry::Registry& registry, const ModelName& model, Version version,
                                        std::span<const evaluate::AnswerCount> counts, const Limit& limit) {
    const registry::VersionRecord known = TRY(registry.version(model, version));
    const model::Package package = TRY(model::Package::load(known.package, known.digest));
    if (package.card.task == model::Task::Regression)
        return fail(ErrorCode::InvalidInput,
                    "{} answers with numbers; live labels are measured where a class is answered.", model.text());
    const evaluate::LiveMetrics live = evaluate::measureLive(counts, package.card.classes);
    EvaluationRecord record{.model = model, .version = version, .rows = live.rows};
    for (const auto& [name, metric] : live.metrics) {
        if (metric.value)
            record.metrics.emplace(name, *metric.value);
    }
    record.limitName = limit.name;
    record.limit = limit.value;
    const auto deciding = record.metrics.find(limit.name);
    if (limit.value && deciding != record.metrics.end())
        record.passed = deciding->second >= *limit.value;
    return record;
}

} // namespace

Result<int> evaluateLive(const Context& context, const std::string& modelName, const std::string& since) {
    const ModelName model = TRY(ModelName::parse(modelName));
    const Seconds span = TRY(parseSpan(since));
    const Workspace workspace = TRY(context.workspace());
    const SystemTime to = context.clock->now();
    const SystemTime from = to - std::chrono::duration_cast<SystemTime::duration>(span);
    const auto counts =
        TRY(serving::readJoinedRows(local::LocalFiles(workspace).truthDatabase(), model.text(), from, to));
    if (counts.empty())
        return fail(ErrorCode::NotFound, "No request of {} since {} has a label.", model.text(), toIso8601(from));
    std::map<std::string, std::vector<evaluate::AnswerCount>> byVersion;
    for (const serving::JoinedCount& count : counts)
        byVersion[count.version].push_back({count.truth, count.predicted, count.count});

    const auto registry = TRY(registry::EmbeddedRegistry::open(workspace, *context.clock));
    const auto aliases = TRY(registry->aliases(model));
    const auto champion = aliases.find(registry::kChampion);
    const Limit limit = TRY(limitOf(workspace, model));
    registry::EvaluationHistory history = TRY(registry::EvaluationHistory::open(workspace));
    json documents = json::array();
    bool below = false;
    for (const auto& [name, answers] : byVersion) {
        const Version version = TRY(Version::parse(name));
        EvaluationRecord record = TRY(measureVersion(*registry, model, version, answers, limit));
        record.from = from;
        record.to = record.madeAt = to;
        record.madeBy = context.identity();
        TRY(history.add(record));
        const bool inProduction = champion == aliases.end() || champion->second == version;
        below = below || (inProduction && record.passed == false);
        documents.push_back(toJson(record));
        if (!context.json)
            printRecord(record);
    }
    if (context.json)
        printJson({{"model", model.text()}, {"evaluations", std::move(documents)}, {"below_limit", below}});
    return below ? 1 : 0;
}

Result<int> printEvaluationHistory(const Context& context, const std::string& modelName) {
    const ModelName model = TRY(ModelName::parse(modelName));
    const Workspace workspace = TRY(context.workspace());
    registry::EvaluationHistory history = TRY(registry::EvaluationHistory::open(workspace));
    const std::vector<EvaluationRecord> records = TRY(history.list(model, kShownHistory));
    if (context.json) {
        json documents = json::array();
        for (const EvaluationRecord& record : records)
            documents.push_back(toJson(record));
        printJson({{"model", model.text()}, {"evaluations", std::move(documents)}});
        return 0;
    }
    for (const EvaluationRecord& record : records)
        printRecord(record);
    if (records.empty())
        fmt::print("{} has not been evaluated on live labels: perch evaluate --model {} --since 7d\n", model.text(),
                   model.text());
    return 0;
}

} // namespace perch::cli
