#include "core/base/number_format.h"
#include "core/present/training_run.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>

namespace perch::present {

namespace {

using nlohmann::json;

/// In which unit a check's figures are.
enum class Figure { Count, Share, Decimal };

struct CheckWords {
    const char* title;
    Figure figure;
};

CheckWords wordsOf(const std::string& name) {
    static const std::map<std::string, CheckWords, std::less<>> known{{"schema", {"Schema", Figure::Count}},
        {"rows", {"Rows", Figure::Count}}, {"missing", {"Missing values", Figure::Share}},
        {"constant", {"Constant columns", Figure::Count}}, {"identifiers", {"Identifiers", Figure::Count}},
        {"outliers", {"Outliers", Figure::Count}}, {"duplicates", {"Duplicate rows", Figure::Share}},
        {"label", {"Label", Figure::Share}}, {"leakage", {"Label leakage", Figure::Decimal}},
        {"time", {"Time order of split", Figure::Count}}, {"drift", {"Drift", Figure::Decimal}},
        {"range", {"Range", Figure::Count}}, {"categories", {"Categories", Figure::Count}}};
    const auto found = known.find(name);
    return found == known.end() ? CheckWords{nullptr, Figure::Decimal} : found->second;
}

State verdictOf(const std::string& word) {
    return word == "pass" ? State::Pass : word == "warn" ? State::Warning : word == "fail" ? State::Fail : State::NoData;
}

std::string figureText(const json& check, const char* field, Figure figure) {
    const auto found = check.find(field);
    if (found == check.end() || !found->is_number())
        return {};
    const double value = found->get<double>();
    switch (figure) {
    case Figure::Share: return formatPercent(value, 1);
    case Figure::Count: return value >= 0 ? formatCount(static_cast<std::uint64_t>(std::llround(value))) : formatDecimal(value, 0);
    case Figure::Decimal: return formatDecimal(value, 2);
    }
    return {};
}

TrainingCheck checkOf(const json& entry) {
    const std::string name = entry.value("name", std::string()), column = entry.value("column", std::string());
    const CheckWords words = wordsOf(name);
    TrainingCheck check;
    check.name = words.title == nullptr ? name : words.title;
    if (!column.empty())
        check.name += ", " + column;
    check.verdict = verdictOf(entry.value("verdict", std::string()));
    check.sentence = entry.value("sentence", std::string());
    check.value = figureText(entry, "value", words.figure);
    check.limit = figureText(entry, "limit", words.figure);
    return check;
}

} // namespace

std::vector<TrainingCheck> trainingChecks(const std::string& text) {
    std::vector<TrainingCheck> checks;
    const json document = json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("checks"))
        return checks;
    for (const json& entry : document["checks"]) {
        try {
            checks.push_back(checkOf(entry));
        } catch (const json::exception&) {
            continue; // written by another version
        }
    }
    return checks;
}

} // namespace perch::present
