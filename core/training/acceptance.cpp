#include "core/training/acceptance.h"

#include "core/base/number_format.h"
#include "core/data/table_encoder.h"
#include "core/evaluate/evaluation_compare.h"
#include "core/evaluate/fairness.h"
#include "core/training/paired_difference.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace perch::training {

namespace {

/// What decides if perch.yaml names no metric.
std::vector<std::string> defaultMetrics(model::Task task) {
    switch (task) {
    case model::Task::Binary:
        return {"f1"};
    case model::Task::MultiClass:
        return {"accuracy"};
    case model::Task::Regression:
        return {"mae"};
    }
    return {};
}

void checkFloor(const model::ModelCard& card, const char* name, const char* metric, const std::optional<double>& floor,
                AcceptanceVerdict& verdict) {
    if (!floor)
        return;
    const auto found = card.metrics.find(metric);
    if (found != card.metrics.end() && found->second >= *floor)
        return;
    verdict.accepted = false;
    verdict.reasons.push_back(
        fmt::format("{} {} is below {}", name,
                    found == card.metrics.end() ? "(undefined)" : formatDecimal(found->second, 4), *floor));
}

/// The larger of the gaps between two groups: of the share that is answered positive, and of that share among those who
/// are.
Result<std::optional<double>> biasOf(const model::Predictor& candidate, const data::Table& table,
                                     const data::Rows& rows, const std::string& group) {
    const model::ModelCard& card = candidate.package().card;
    const data::Column* groups = TRY(table.column(group));
    const data::Column* label = TRY(table.column(card.label));
    const data::TableEncoder encoder = TRY(data::TableEncoder::create(table, candidate.package().transform));
    const std::vector<float> scores = TRY(candidate.score(encoder.encode(rows)));
    std::vector<std::uint8_t> labels;
    for (const std::uint32_t row : rows) {
        const std::int32_t code = label->codes[row];
        labels.push_back(code >= 0 && label->categories[static_cast<std::size_t>(code)] == card.classes[1] ? 1 : 0);
    }
    const evaluate::Fairness fairness =
        evaluate::measureFairness(evaluate::groupColumn(*groups, rows), scores, labels, card.threshold);
    return fairness.biasScore;
}

struct MetricVerdict {
    evaluate::Verdict verdict = evaluate::Verdict::Undecided;
    std::string reason;
};

MetricVerdict judgeMetric(const std::string& name, const PairedMetric& metric, const std::string& production) {
    const evaluate::Difference& difference = metric.difference;
    if (!difference.value || !difference.low || !difference.high)
        return {evaluate::Verdict::Undecided, fmt::format("{} is undefined on these rows", name)};
    const evaluate::Verdict verdict = evaluate::verdictOf(difference, metric.higherIsBetter, metric.margin);
    const char* word = verdict == evaluate::Verdict::Better     ? "better than"
                       : verdict == evaluate::Verdict::NotWorse ? "not worse than"
                       : verdict == evaluate::Verdict::Worse    ? "worse than"
                                                             : "perhaps worse than";
    return {verdict, fmt::format("{} is {} {}: {} ({} to {}, 95 %)", name, word, production,
                                 formatSigned(*difference.value, 4), formatSigned(*difference.low, 4),
                                 formatSigned(*difference.high, 4))};
}

/// What one metric does to the verdict of all: a refusal stays, then what is open stays.
void combine(AcceptanceVerdict& all, const MetricVerdict& one, bool better) {
    all.reasons.push_back(one.reason);
    const bool refused =
        one.verdict == evaluate::Verdict::Worse || (better && one.verdict == evaluate::Verdict::NotWorse);
    if (refused)
        all.accepted = false;
    else if (one.verdict == evaluate::Verdict::Undecided && all.accepted == true)
        all.accepted.reset();
}

} // namespace

AcceptanceVerdict judgeFloors(const spec::AcceptanceSpec& acceptance, const model::ModelCard& card) {
    AcceptanceVerdict verdict{.accepted = true};
    checkFloor(card, "accuracy", "accuracy", acceptance.accuracy, verdict);
    checkFloor(card, "f1", card.task == model::Task::MultiClass ? "macro_f1" : "f1", acceptance.f1, verdict);
    return verdict;
}

Result<void> judgeBias(const spec::AcceptanceSpec& acceptance, const model::Predictor& candidate,
                       const data::Table& table, const data::Rows& rows, AcceptanceVerdict& verdict) {
    if (!acceptance.bias)
        return {};
    if (candidate.package().card.task != model::Task::Binary)
        return fail(ErrorCode::InvalidInput, "acceptance.bias is for binary models.");
    const std::optional<double> bias = TRY(biasOf(candidate, table, rows, acceptance.group));
    if (bias && *bias <= *acceptance.bias)
        return {};
    verdict.accepted = false;
    verdict.reasons.push_back(bias ? fmt::format("bias {} between the groups of {} is above {}", formatDecimal(*bias, 4),
                                                 acceptance.group, *acceptance.bias)
                                   : fmt::format("bias is undefined: {} has no two groups with enough test rows",
                                                 acceptance.group));
    return {};
}

Result<AcceptanceVerdict> judgeAgainst(const model::Predictor& production, const std::string& productionName,
                                       const model::Predictor& candidate, const UnseenRows& unseen,
                                       const spec::AcceptanceSpec& acceptance, const std::stop_token& stop) {
    AcceptanceVerdict verdict;
    if (unseen.rows.empty()) {
        verdict.reasons.push_back(fmt::format("not compared with {}: {}", productionName, unseen.how));
        return verdict;
    }
    verdict.rows = fmt::format("{}, {} rows", unseen.how, formatCount(unseen.rows.size()));
    if (unseen.rows.size() < acceptance.minimumRows) {
        verdict.reasons.push_back(fmt::format("not compared with {}: {}, fewer than the {} that decide", productionName,
                                              verdict.rows, formatCount(acceptance.minimumRows)));
        return verdict;
    }
    Result<std::map<std::string, PairedMetric>> paired =
        pairedDifferences(candidate, production, *unseen.table, unseen.rows, stop);
    if (!paired && paired.error().code == ErrorCode::InvalidInput) {
        verdict.reasons.push_back(fmt::format("not compared with {}: {}", productionName, paired.error().message));
        return verdict;
    }
    const std::map<std::string, PairedMetric> metrics = TRY(std::move(paired));
    for (const auto& [name, metric] : metrics)
        verdict.differences[name] = metric.difference;
    verdict.accepted = true;
    const std::vector<std::string> wanted =
        acceptance.compare.empty() ? defaultMetrics(candidate.package().card.task) : acceptance.compare;
    for (const std::string& name : wanted) {
        const auto metric = metrics.find(name);
        if (metric == metrics.end())
            return fail(ErrorCode::InvalidInput, "acceptance.compare names {}, which this task cannot compare.", name);
        combine(verdict, judgeMetric(name, metric->second, productionName), acceptance.better);
    }
    return verdict;
}

} // namespace perch::training
