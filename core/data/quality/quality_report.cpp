#include "core/data/quality/quality_report.h"

#include "core/base/json.h"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace perch::data {

namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "quality report";
constexpr std::array kVerdicts = {QualityVerdict::Pass, QualityVerdict::Warn, QualityVerdict::Fail,
                                  QualityVerdict::NoData};

json jsonOf(const std::optional<double>& number) {
    return number ? json(*number) : json();
}

json jsonOf(const QualityCheck& check) {
    json columns = json::array(), cells = json::array();
    for (const QualityColumn& column : check.columns)
        columns.push_back({{"name", column.name}, {"value", column.value}, {"verdict", toString(column.verdict)}});
    for (const QualityCell& cell : check.cells)
        cells.push_back({{"row", cell.row}, {"column", cell.column}, {"text", cell.text}});
    return {{"name", check.name},
            {"column", check.column.empty() ? json() : json(check.column)},
            {"verdict", toString(check.verdict)},
            {"sentence", check.sentence},
            {"value", jsonOf(check.value)},
            {"limit", jsonOf(check.limit)},
            {"columns", std::move(columns)},
            {"cells", std::move(cells)}};
}

QualityVerdict verdictOf(const json& document) {
    const auto text = document.get<std::string>();
    const auto found = std::ranges::find(kVerdicts, text, [](QualityVerdict verdict) { return toString(verdict); });
    return found == kVerdicts.end() ? throw std::invalid_argument("unknown verdict " + text) : *found;
}

std::optional<double> numberOf(const json& document) {
    return document.is_null() ? std::optional<double>() : document.get<double>();
}

/// A document of the wrong shape makes nlohmann throw; fromJson catches.
QualityCheck checkOf(const json& document) {
    QualityCheck check{.name = document.at("name").get<std::string>(),
                       .verdict = verdictOf(document.at("verdict")),
                       .sentence = document.at("sentence").get<std::string>(),
                       .value = numberOf(document.at("value")),
                       .limit = numberOf(document.at("limit"))};
    if (!document.at("column").is_null())
        check.column = document["column"].get<std::string>();
    for (const json& column : document.at("columns"))
        check.columns.push_back(
            {column.at("name").get<std::string>(), column.at("value").get<double>(), verdictOf(column.at("verdict"))});
    for (const json& cell : document.at("cells"))
        check.cells.push_back({cell.at("row").get<std::uint64_t>(), cell.at("column").get<std::string>(),
                               cell.at("text").get<std::string>()});
    return check;
}

} // namespace

std::string_view toString(QualityVerdict verdict) {
    switch (verdict) {
    case QualityVerdict::Pass:
        return "pass";
    case QualityVerdict::Warn:
        return "warn";
    case QualityVerdict::Fail:
        return "fail";
    case QualityVerdict::NoData:
        break;
    }
    return "no data";
}

QualityCheck failed(QualityCheck check, std::string sentence) {
    check.verdict = QualityVerdict::Fail;
    check.sentence = std::move(sentence);
    return check;
}

QualityVerdict QualityReport::verdict() const {
    for (const QualityVerdict verdict : {QualityVerdict::Fail, QualityVerdict::Warn, QualityVerdict::Pass}) {
        if (std::ranges::find(checks, verdict, &QualityCheck::verdict) != checks.end())
            return verdict;
    }
    return QualityVerdict::NoData;
}

std::vector<std::string> QualityReport::failures() const {
    std::vector<std::string> sentences;
    for (const QualityCheck& check : checks) {
        if (check.verdict == QualityVerdict::Fail)
            sentences.push_back(check.sentence);
    }
    return sentences;
}

std::string QualityReport::summary() const {
    const auto count = [&](QualityVerdict verdict) {
        return std::ranges::count(checks, verdict, &QualityCheck::verdict);
    };
    std::vector<std::string> parts;
    if (const auto failed = count(QualityVerdict::Fail); failed > 0)
        parts.push_back(fmt::format("{} failed", failed));
    if (const auto warned = count(QualityVerdict::Warn); warned > 0)
        parts.push_back(fmt::format("{} warning{}", warned, warned == 1 ? "" : "s"));
    if (const auto undecided = count(QualityVerdict::NoData); undecided > 0)
        parts.push_back(fmt::format("{} without data", undecided));
    if (parts.empty())
        parts.emplace_back("all passed");
    return fmt::format("{} checks: {}", checks.size(), fmt::join(parts, ", "));
}

nlohmann::json QualityReport::toJson() const {
    json entries = json::array();
    for (const QualityCheck& check : checks)
        entries.push_back(jsonOf(check));
    return {{"source", source},     {"rows", rows},
            {"columns", columns},   {"verdict", toString(verdict())},
            {"summary", summary()}, {"checks", std::move(entries)}};
}

Result<QualityReport> QualityReport::fromJson(const nlohmann::json& document) {
    try {
        QualityReport report{.source = document.at("source").get<std::string>(),
                             .rows = document.at("rows").get<std::uint64_t>(),
                             .columns = document.at("columns").get<std::uint64_t>()};
        for (const json& entry : document.at("checks"))
            report.checks.push_back(checkOf(entry));
        return report;
    } catch (const std::exception& error) {
        return fail(ErrorCode::InvalidInput, "This is no {}: {}.", kWhat, error.what());
    }
}

} // namespace perch::data
