#include "core/base/number_format.h"
#include "core/present/train_cards.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace perch::present {

namespace {

const model::RunCurvePoint* roundAt(const TrainingRun& run, std::uint32_t round) {
    const auto found = std::ranges::find(run.curve, round, &model::RunCurvePoint::round);
    return found == run.curve.end() ? nullptr : &*found;
}

CurveCard::Line lineOf(const TrainingRun& run, const CurveMetric& metric, bool validation) {
    CurveCard::Line line;
    line.tone = validation ? Tone::Accent : Tone::Stable;
    for (const model::RunCurvePoint& round : run.curve) {
        if (const auto value = metricValue(round, metric, validation))
            line.points.push_back({static_cast<double>(round.round), *value});
    }
    return line;
}

void addLabel(CurveCard::Line& line, const Text& name, const CurveMetric& metric) {
    if (!line.points.empty())
        line.label = PERCH_TEXT("Train", "%1 %2", {name.english(), metricText(metric, line.points.back().y, 4)});
}

/// From the start a loss falls so far that its end would be flat: the axis leaves the first few rounds out where they
/// would take more than half of it.
void setAxes(CurveCard& card, const TrainingRun& run) {
    double low = std::numeric_limits<double>::infinity(), high = -low, last = 1;
    for (const CurveCard::Line& line : card.lines) {
        for (const CurvePoint& point : line.points) {
            low = std::min(low, point.y);
            high = std::max(high, point.y);
            last = std::max(last, point.x);
        }
    }
    if (!isUnderWay(run))
        last = std::max(last, 1.0);
    else
        last = std::max(last, static_cast<double>(run.rounds));
    card.x = niceAxis(0, last);
    card.x.high = last;
    const double room = (high - low) * 0.04;
    const Axis nice = niceAxis(low - room, high + room);
    // Ticks are round, the ends need not be: empty space below the curve says nothing.
    card.y = {std::max(nice.low, low - 2 * room), std::min(nice.high, high + room), nice.step};
    if (!(card.y.high > card.y.low))
        card.y = nice;
}

void markBest(CurveCard& card, const TrainingRun& run, const CurveMetric& metric) {
    if (!run.bestRound)
        return;
    const model::RunCurvePoint* best = roundAt(run, *run.bestRound);
    const auto value = best == nullptr ? std::nullopt : metricValue(*best, metric, true);
    if (!value)
        return;
    const bool underWay = isUnderWay(run);
    const std::string round = std::to_string(*run.bestRound);
    CurveCard::Upright upright;
    upright.x = *run.bestRound;
    upright.wordsLeft = upright.x > (card.x.low + card.x.high) / 3;
    upright.first = underWay ? PERCH_TEXT("Train", "best so far, round %1", {round}) : PERCH_TEXT("Train", "kept, round %1", {round});
    upright.second = PERCH_TEXT("Train", "valid %1", {metricText(metric, *value, 4)});
    card.uprights.push_back(upright);
    card.lines.back().mark = CurvePoint{upright.x, *value};
    card.lines.back().markTone = Tone::Pass;
    const double last = run.curve.back().round;
    if (underWay && run.stopAt && *run.stopAt < run.rounds) {
        CurveCard::Upright stop;
        stop.x = *run.stopAt;
        stop.tone = Tone::Warning;
        stop.dashed = true;
        stop.first = PERCH_TEXT("Train", "stops at %1", {std::to_string(*run.stopAt)});
        stop.second = PERCH_TEXT("Train", "unless better");
        card.uprights.push_back(stop);
        card.hatched = {upright.x, stop.x};
    } else if (!underWay && last > upright.x) {
        card.hatched = {upright.x, last};
    }
}

std::optional<double> productionMetric(const fleet::ModelFacts* served, const CurveMetric& metric) {
    const fleet::VersionFacts* stable =
        served != nullptr && served->route.stable ? served->find(*served->route.stable) : nullptr;
    if (stable == nullptr || !stable->record)
        return {};
    const auto found = stable->record->metrics.find(metric.registryName);
    return found == stable->record->metrics.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

CurveMetric curveMetric(const std::string& name) {
    if (name == "logloss" || name == "mlogloss")
        return {name, PERCH_TEXT("Train", "Log loss"), "log_loss"};
    if (name == "auc")
        return {name, PERCH_TEXT("Train", "ROC AUC"), "roc_auc", true};
    if (name == "aucpr")
        return {name, PERCH_TEXT("Train", "PR AUC"), "pr_auc", true};
    if (name == "error" || name == "merror")
        return {name, PERCH_TEXT("Train", "Accuracy"), "accuracy", true, true, true};
    if (name == "accuracy")
        return {name, PERCH_TEXT("Train", "Accuracy"), "accuracy", true, false, true};
    if (name == "rmse")
        return {name, PERCH_TEXT("Train", "RMSE"), "rmse"};
    if (name == "mae")
        return {name, PERCH_TEXT("Train", "MAE"), "mae"};
    return {name, verbatim(name), ""};
}

std::vector<std::string> metricNames(const TrainingRun& run) {
    std::vector<std::string> names;
    const auto add = [&](const std::string& name) {
        if (std::ranges::find(names, name) == names.end())
            names.push_back(name);
    };
    // What is trained on comes first: its loss.
    if (!run.curve.empty()) {
        for (const char* loss : {"logloss", "mlogloss", "rmse"}) {
            if (run.curve.front().train.contains(loss))
                add(loss);
        }
        for (const auto* values : {&run.curve.front().train, &run.curve.front().validation}) {
            for (const auto& [name, value] : *values)
                add(name);
        }
    }
    return names;
}

std::optional<double> metricValue(const model::RunCurvePoint& round, const CurveMetric& metric, bool validation) {
    const auto& values = validation ? round.validation : round.train;
    const auto found = values.find(metric.name);
    if (found == values.end() || !std::isfinite(found->second))
        return {};
    return metric.complement ? 1 - found->second : found->second;
}

std::string metricText(const CurveMetric& metric, double value, int decimals) {
    return metric.share ? formatPercent(value, 1) : formatDecimal(value, decimals);
}

CurveCard makeLearningCurve(
    const TrainingRun& run, const std::string& metricName, const std::vector<const TrainingRun*>& compared) {
    const CurveMetric metric = curveMetric(metricName);
    CurveCard card;
    card.title = PERCH_TEXT("Train", "Learning curve");
    card.note = metricName.empty() ? Text{} : metric.label;
    card.endLabels = true;
    card.xDecimals = 0;
    card.axisText = PERCH_TEXT("Train", "boosting round");
    if (run.curve.empty()) {
        card.emptyText = isUnderWay(run) ? PERCH_TEXT("Train", "The first round has not ended yet.")
                                         : PERCH_TEXT("Train", "No round was trained.");
        return card;
    }
    constexpr std::array kDashes{ChartLine::Dash::Shadow, ChartLine::Dash::Secondary};
    for (std::size_t index = 0; index < std::min(compared.size(), kDashes.size()); ++index) {
        const bool validated = !lineOf(*compared[index], metric, true).points.empty();
        CurveCard::Line line = lineOf(*compared[index], metric, validated);
        line.tone = index == 0 ? Tone::Shadow : Tone::Secondary;
        line.dash = kDashes[index];
        const std::string name = compared[index]->version ? compared[index]->version->text() : compared[index]->id;
        addLabel(line, verbatim(name), metric);
        if (!line.points.empty())
            card.lines.push_back(std::move(line));
    }
    CurveCard::Line train = lineOf(run, metric, false), valid = lineOf(run, metric, true);
    addLabel(train, PERCH_TEXT("Train", "train"), metric);
    addLabel(valid, PERCH_TEXT("Train", "valid"), metric);
    if (!train.points.empty())
        card.lines.push_back(std::move(train));
    const bool validated = !valid.points.empty();
    if (validated)
        card.lines.push_back(std::move(valid));
    if (card.lines.empty()) {
        card.emptyText = PERCH_TEXT("Train", "This metric was not measured.");
        return card;
    }
    setAxes(card, run);
    if (validated)
        markBest(card, run, metric);
    return card;
}

namespace {

/// A metric by the registry's name.
CurveMetric registryMetric(const std::string& name) {
    for (const char* known : {"logloss", "auc", "aucpr", "accuracy", "rmse", "mae"}) {
        if (curveMetric(known).registryName == name)
            return curveMetric(known);
    }
    if (name == "precision")
        return {name, PERCH_TEXT("Train", "Precision"), "precision", true, false, true};
    if (name == "recall")
        return {name, PERCH_TEXT("Train", "Recall"), "recall", true, false, true};
    if (name == "f1")
        return {name, PERCH_TEXT("Train", "F1"), "f1", true};
    return {name, verbatim(name), name};
}

/// Of an ended training: on the test part, which was touched once.
BestCard testMetrics(const TrainingRun& run, const fleet::ModelFacts* served, const Text& candidate) {
    BestCard card;
    card.title = PERCH_TEXT("Train", "Result");
    card.note = PERCH_TEXT("Train", "test set, %1 rows", {formatCount(run.dataset.test)});
    card.candidate = candidate;
    const bool compared = served != nullptr && served->route.stable.has_value() && served->route.stable != run.version;
    if (compared)
        card.baseline = verbatim(served->route.stable->text());
    for (const auto& [name, value] : run.metrics) {
        const CurveMetric metric = registryMetric(name);
        const auto production = compared ? productionMetric(served, metric) : std::nullopt;
        card.rows.push_back({metric.label, verbatim(metricText(metric, value)),
            !compared ? Text{} : production ? verbatim(metricText(metric, *production)) : PERCH_TEXT("Values", "none"), {}});
    }
    card.footnote = compared ? PERCH_TEXT("Train", "%1: measured on its own test rows", {card.baseline.english()})
                             : PERCH_TEXT("Train", "Each row of the test set was scored once");
    return card;
}

} // namespace

BestCard makeBestCard(const TrainingRun& run, const fleet::ModelFacts* served, const Text& candidate) {
    BestCard card;
    card.title = isUnderWay(run) ? PERCH_TEXT("Train", "Best so far") : PERCH_TEXT("Train", "Best round");
    const model::RunCurvePoint* best = run.bestRound ? roundAt(run, *run.bestRound) : nullptr;
    if (best == nullptr && !run.curve.empty())
        best = &run.curve.back();
    if (best == nullptr) {
        card.emptyText = PERCH_TEXT("Train", "No round yet.");
        return card;
    }
    if (!isUnderWay(run) && !run.metrics.empty())
        return testMetrics(run, served, candidate);
    const bool validated = !best->validation.empty();
    card.note = validated ? PERCH_TEXT("Train", "valid set, round %1", {std::to_string(best->round)})
                          : PERCH_TEXT("Train", "training rows, round %1", {std::to_string(best->round)});
    card.candidate = candidate;
    const bool compared = served != nullptr && served->route.stable.has_value();
    if (compared)
        card.baseline = verbatim(served->route.stable->text());
    for (const std::string& name : metricNames(run)) {
        const CurveMetric metric = curveMetric(name);
        const auto value = metricValue(*best, metric, validated);
        if (!value)
            continue;
        const auto production = productionMetric(served, metric);
        card.rows.push_back({metric.label, verbatim(metricText(metric, *value)),
            !compared     ? Text{}
            : production ? verbatim(metricText(metric, *production))
                         : PERCH_TEXT("Values", "none"),
            {}});
    }
    if (compared)
        card.footnote = PERCH_TEXT("Train", "%1: measured on its own test rows", {card.baseline.english()});
    else
        card.footnote = PERCH_TEXT("Train", "No production version to compare with");
    return card;
}

} // namespace perch::present
