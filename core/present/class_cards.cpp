#include "core/present/class_cards.h"

#include "core/base/number_format.h"
#include "core/present/words.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace perch::present {

namespace {

using evaluate::ClassRates;
using evaluate::ClassResult;

Text classRate(const evaluate::MetricValue& rate) {
    return rate.value ? verbatim(formatPercent(*rate.value)) : noneText();
}

/// The same class of the baseline, which may know others.
const ClassRates* classNamed(const evaluate::EvaluatedModel& model, const std::string& name) {
    if (!model.classes)
        return nullptr;
    const auto found = std::ranges::find(model.classes->classes, name, &ClassRates::name);
    return found == model.classes->classes.end() ? nullptr : &*found;
}

ClassRow makeClassRow(const ClassRates& rates, const evaluate::Evaluation& evaluation) {
    ClassRow row{rates.name,
                 verbatim(formatCount(rates.rows)),
                 classRate(rates.precision),
                 classRate(rates.recall),
                 classRate(rates.f1),
                 rates.rocAuc.value ? verbatim(formatDecimal(*rates.rocAuc.value, 3)) : noneText(),
                 {}};
    const ClassRates* before = evaluation.baseline ? classNamed(*evaluation.baseline, rates.name) : nullptr;
    if (before != nullptr && before->f1.value && rates.f1.value) {
        const double change = *rates.f1.value - *before->f1.value;
        row.change.text = verbatim(formatSigned(change * 100, 1));
        row.change.state = change < 0 ? State::Fail : State::Pass;
        row.change.tone = change < 0 ? Tone::Fail : Tone::Pass;
    }
    return row;
}

/// The classes that the matrix shows, in the order of the model.
std::vector<std::size_t> shownClasses(const ClassResult& result) {
    std::vector<std::size_t> shown(result.classes.size());
    std::iota(shown.begin(), shown.end(), std::size_t{0});
    if (shown.size() > kMatrixClasses) {
        std::ranges::stable_sort(shown, std::greater{}, [&](std::size_t c) { return result.classes[c].rows; });
        shown.resize(kMatrixClasses);
        std::ranges::sort(shown);
    }
    return shown;
}

ClassCell makeClassCell(const ClassResult& result, std::size_t truth, std::size_t answer) {
    const std::uint64_t count = result.confusion[truth * result.classes.size() + answer];
    const ClassRates& rates = result.classes[truth];
    ClassCell cell;
    cell.count = verbatim(formatCount(count));
    cell.share = rates.rows > 0 ? static_cast<double>(count) / static_cast<double>(rates.rows) : 0;
    cell.correct = truth == answer;
    cell.tooltip = PERCH_TEXT("Evaluate", "%1 of %2 rows that are %3 are answered %4 (%5)",
                              {formatCount(count), formatCount(rates.rows), rates.name, result.classes[answer].name,
                               formatPercent(cell.share)});
    return cell;
}

} // namespace

ClassCards makeClassCards(const evaluate::Evaluation& evaluation) {
    ClassCards cards;
    cards.title = PERCH_TEXT("Evaluate", "Classes");
    cards.candidate = verbatim(evaluation.candidate.title);
    if (evaluation.baseline)
        cards.baseline = verbatim(evaluation.baseline->title);
    cards.matrixTitle = PERCH_TEXT("Evaluate", "Confusion, %1", {evaluation.candidate.title});
    if (!evaluation.candidate.classes)
        return cards;
    const ClassResult& result = *evaluation.candidate.classes;
    cards.note = PERCH_TEXT("Evaluate", "%1 of %2", {evaluation.candidate.title, evaluation.label});
    for (const ClassRates& rates : result.classes)
        cards.rows.push_back(makeClassRow(rates, evaluation));
    const std::vector<std::size_t> shown = shownClasses(result);
    cards.matrixNote = shown.size() < result.classes.size()
                           ? PERCH_TEXT("Evaluate", "the %1 largest of %2 classes",
                                        {std::to_string(shown.size()), std::to_string(result.classes.size())})
                           : PERCH_TEXT("Evaluate", "rows: truth, columns: answer");
    for (const std::size_t truth : shown) {
        cards.names.push_back(result.classes[truth].name);
        std::vector<ClassCell>& line = cards.cells.emplace_back();
        for (const std::size_t answer : shown)
            line.push_back(makeClassCell(result, truth, answer));
    }
    return cards;
}

} // namespace perch::present
