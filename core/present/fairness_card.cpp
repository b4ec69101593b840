#include "core/present/fairness_card.h"

#include "core/base/number_format.h"
#include "core/present/chart.h"

#include <algorithm>

namespace perch::present {

FairnessCard makeFairnessCard(const evaluate::Evaluation& evaluation) {
    FairnessCard card;
    if (!evaluation.fairness) {
        card.emptyText = PERCH_TEXT("Evaluate", "Not evaluated: no group column was given.");
        return card;
    }
    const evaluate::Fairness& fairness = *evaluation.fairness;
    const bool binary = evaluation.task == model::Task::Binary;
    card.note = binary ? PERCH_TEXT("Evaluate", "selection rate by %1", {fairness.column})
                       : PERCH_TEXT("Evaluate", "accuracy by %1", {fairness.column});
    const evaluate::MetricValue& gap = binary ? fairness.selection : fairness.accuracy;
    double lowest = 1, highest = 0;
    for (const evaluate::GroupRates& rates : fairness.groups) {
        const evaluate::MetricValue& rate = binary ? rates.selectionRate : rates.accuracy;
        if (!rate.value)
            continue;
        FairnessCard::Group group;
        group.name = verbatim(rates.group);
        group.rows = verbatim(formatCount(rates.rows));
        group.rate = *rate.value;
        group.low = rate.low.value_or(group.rate);
        group.high = rate.high.value_or(group.rate);
        group.rateText = verbatim(formatPercent(group.rate));
        lowest = std::min(lowest, group.low);
        highest = std::max(highest, group.high);
        card.groups.push_back(std::move(group));
    }
    if (card.groups.empty()) {
        card.emptyText = PERCH_TEXT("Evaluate", "No group of %1 has a row.", {fairness.column});
        return card;
    }
    const Axis axis = niceAxis(lowest * 100, highest * 100);
    card.low = std::max(0.0, axis.low / 100);
    card.high = std::min(1.0, axis.high / 100);
    card.tickStep = axis.step / 100;
    card.gap = gap.value ? PERCH_TEXT("Evaluate", "gap %1", {formatDecimal(*gap.value, 2)})
                                     : PERCH_TEXT("Evaluate", "gap not known: fewer than two groups have %1 rows",
                                           {formatCount(fairness.minimumRows)});
    return card;
}

} // namespace perch::present
