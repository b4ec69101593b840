#include "core/present/gates.h"

#include "core/base/number_format.h"
#include "core/present/words.h"
#include "core/rollout/comparison_gate.h"

namespace perch::present {

namespace {

using rollout::GateVerdict;
using rollout::Quantity;
using rollout::Verdict;

Unit unitOf(const rollout::Gate& gate) {
    if (!gate.against.empty())
        return gate.quantity == Quantity::Accuracy ? Unit::Points1 : Unit::Points2;
    switch (gate.quantity) {
    case Quantity::Accuracy: return Unit::Percent1;
    case Quantity::Drift: return Unit::Decimal2;
    case Quantity::P99: return Unit::Milliseconds;
    case Quantity::ErrorRate: return Unit::Percent2;
    }
    return Unit::Decimal3;
}

std::string limitNumber(Quantity quantity, double limit) {
    switch (quantity) {
    case Quantity::Accuracy: return formatDecimal(limit * 100, 1);
    case Quantity::Drift: return formatDecimal(limit, 2);
    case Quantity::P99: return formatDecimal(limit, 0);
    case Quantity::ErrorRate: return formatDecimal(limit * 100, 2);
    }
    return {};
}

Text nameOf(const rollout::Gate& gate) {
    const std::string v = gate.version.text();
    if (!gate.against.empty())
        return gate.quantity == Quantity::Accuracy ? PERCH_TEXT("Gates", "Accuracy vs %1", {gate.against})
                                                   : PERCH_TEXT("Gates", "Errors vs %1", {gate.against});
    switch (gate.quantity) {
    case Quantity::Accuracy: return PERCH_TEXT("Gates", "Live accuracy, %1", {v});
    case Quantity::Drift: return PERCH_TEXT("Gates", "Drift vs %1 training", {v});
    case Quantity::P99: return PERCH_TEXT("Gates", "p99 latency");
    case Quantity::ErrorRate: return PERCH_TEXT("Gates", "Error rate");
    }
    return {};
}

Text wordOf(const GateVerdict& verdict) {
    switch (verdict.verdict) {
    case Verdict::Pass: return PERCH_TEXT("Gates", "Pass");
    case Verdict::Fail: return PERCH_TEXT("Gates", "Fail");
    case Verdict::NoData: return PERCH_TEXT("Gates", "No data");
    case Verdict::SourceDown: return PERCH_TEXT("Gates", "Source down");
    case Verdict::Undecided: break;
    }
    if (verdict.value.sampleSize < verdict.gate.minimumSample)
        return PERCH_TEXT("Gates", "%1 of %2",
            {formatCount(verdict.value.sampleSize), formatCount(verdict.gate.minimumSample)});
    if (verdict.decidesIn)
        return PERCH_TEXT("Gates", "Decides in %1", {rollout::aboutTime(*verdict.decidesIn)});
    return PERCH_TEXT("Gates", "Undecided");
}

/// A limit without its unit: the value beside it carries it.
std::string limitOf(const rollout::Gate& gate) {
    if (gate.against.empty())
        return limitNumber(gate.quantity, gate.limit);
    return formatSigned(gate.limit * 100, gate.quantity == Quantity::Accuracy ? 1 : 2);
}

GateRow makeRow(const GateVerdict& verdict) {
    const rollout::Gate& gate = verdict.gate;
    GateRow row;
    row.name = nameOf(gate);
    row.verdict = toState(verdict.verdict);
    row.now = quantityCell(row.name, verdict.value, unitOf(gate), verdict.value.age);
    if (row.verdict == State::Fail)
        row.now.tone = Tone::Fail;
    row.now.state = row.verdict;
    row.limit = verbatim((gate.sense == rollout::Sense::AtLeast ? "\u2265 " : "\u2264 ") +
                         limitOf(gate));
    row.word = wordOf(verdict);
    row.reason = maybeText(verdict.reason);
    row.required = gate.required;
    return row;
}

Chip summaryOf(const GateTable& table) {
    if (table.required == 0)
        return {};
    const Text words = PERCH_TEXT("Gates", "%1 of %2 required pass",
        {std::to_string(table.passing), std::to_string(table.required)});
    for (const State state : {State::Fail, State::SourceDown, State::NoData, State::Undecided}) {
        if (std::any_of(table.rows.begin(), table.rows.end(),
                [&](const GateRow& row) { return row.required && row.verdict == state; }))
            return {state, words};
    }
    return {State::Pass, words};
}

} // namespace

State toState(Verdict verdict) {
    switch (verdict) {
    case Verdict::Pass: return State::Pass;
    case Verdict::Fail: return State::Fail;
    case Verdict::Undecided: return State::Undecided;
    case Verdict::NoData: return State::NoData;
    case Verdict::SourceDown: return State::SourceDown;
    }
    return State::NoData;
}

State gateState(const fleet::ModelFacts& model, Version version, Quantity quantity) {
    for (const GateVerdict& verdict : rollout::gatesOf(model, version)) {
        if (verdict.gate.quantity == quantity && verdict.gate.against.empty())
            return toState(verdict.verdict);
    }
    return State::NoData;
}

Percent nextWeight(const fleet::ModelFacts& model) {
    const auto next = std::find_if(model.rollout.weights.begin(), model.rollout.weights.end(),
        [&](Percent weight) { return weight > model.route.canaryWeight; });
    return next != model.rollout.weights.end() ? *next : Percent::fromBasisPoints(10'000);
}

GateTable makeGates(const fleet::ModelFacts& model) {
    GateTable table;
    const std::optional<Version> judged = model.route.canary ? model.route.canary : model.route.stable;
    if (!judged || model.find(*judged) == nullptr) {
        table.emptyText = PERCH_TEXT("Gates", "No version serves, so there is nothing to judge.");
        return table;
    }
    for (const GateVerdict& verdict : rollout::gatesOf(model, *judged))
        table.rows.push_back(makeRow(verdict));
    if (!model.route.canary) {
        for (GateRow& row : table.rows)
            row.required = false;
        table.heading = PERCH_TEXT("Gates", "Limits of %1", {judged->text()});
        return table;
    }
    table.heading = PERCH_TEXT("Gates", "Required for %1", {percentText(nextWeight(model))});
    if (model.route.stable) {
        // Drift against the stable version's reference is the reason for the change, hence advisory.
        for (GateVerdict& verdict : rollout::gatesOf(model, *model.route.stable)) {
            if (verdict.gate.quantity != Quantity::Drift && verdict.gate.quantity != Quantity::Accuracy)
                continue;
            verdict.gate.required = false;
            table.rows.push_back(makeRow(verdict));
        }
    }
    for (const GateRow& row : table.rows) {
        table.required += row.required ? 1 : 0;
        table.passing += row.required && row.verdict == State::Pass ? 1 : 0;
    }
    table.summary = summaryOf(table);
    return table;
}

} // namespace perch::present
