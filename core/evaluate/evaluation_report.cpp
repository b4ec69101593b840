#include "core/evaluate/evaluation_report.h"

#include "core/base/number_format.h"
#include "core/evaluate/evaluation_chart.h"

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

constexpr std::string_view kStyle = R"css(
:root { --win:#F3F5F8; --surface:#FFFFFF; --raised:#F8FAFC; --line:#D9DEE6; 
  --ink:#161C26; --ink2:#4A5463; --ink3:#5E6877; --pass:#0B735A; --passBg:#E0F3EC; --fail:#B93610; --failBg:#FCE7DF;
  --none:#5E6877; --noneBg:#EBEEF3; --stable:#3F5270; --canary:#8436B8; --canaryBg:#F3E8FA; --accent:#1B5FC1; }
* { box-sizing:border-box; }
body { margin:0; padding:24px; background:var(--win); color:var(--ink); font:13px/20px Inter,"Segoe UI",sans-serif; }
main { max-width:1080px; margin:0 auto; }
h1 { font-size:20px; line-height:28px; font-weight:650; margin:0; }
h2 { font-size:14px; line-height:20px; font-weight:600; margin:0; }
header { display:flex; gap:16px; align-items:baseline; flex-wrap:wrap; margin-bottom:16px; }
.num, td.n { font-family:"JetBrains Mono",ui-monospace,monospace; }
.note { color:var(--ink3); font-size:11px; line-height:16px; }
.chip { border-radius:12px; padding:2px 10px; font-weight:600; }
.chip.better, .chip.not_worse { background:var(--passBg); color:var(--pass); }
.chip.worse { background:var(--failBg); color:var(--fail); }
.chip.undecided { border:1px dashed var(--accent); color:var(--accent); }
.row { display:grid; gap:16px; margin-bottom:16px; grid-template-columns:repeat(3,1fr); }
.wide { grid-template-columns:3fr 2fr; }
.card { background:var(--surface); border:1px solid var(--line); border-radius:6px; padding:16px; break-inside:avoid; }
.head { display:flex; justify-content:space-between; gap:8px; margin-bottom:8px; }
table { width:100%; border-collapse:collapse; }
th { text-align:left; font-weight:500; color:var(--ink2); background:var(--raised); }
th, td { padding:4px 6px; border-bottom:1px solid var(--line); }
th.n, td.n { text-align:right; white-space:nowrap; }
.better { color:var(--pass); } .worse { color:var(--fail); }
svg { width:100%; height:auto; }
.matrix { display:grid; grid-template-columns:1fr 1fr; gap:8px; }
.matrix div { border:1px solid var(--line); border-radius:4px; padding:8px; }
.matrix .right { background:var(--canaryBg); }
.matrix b { display:block; font-size:17px; line-height:26px; }
.bar { height:12px; background:var(--canary); border-radius:2px; }
.key b.c { color:var(--canary); } .key b.b { color:var(--stable); }
@media print { body { background:#fff; padding:0; font-size:11px; } @page { size:A4; margin:12mm; }
  * { print-color-adjust:exact; -webkit-print-color-adjust:exact; } }
)css";

std::string nameOf(std::string_view metric) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {{"accuracy", "Accuracy"},
                                                                        {"precision", "Precision"},
                                                                        {"recall", "Recall"},
                                                                        {"f1", "F1"},
                                                                        {"roc_auc", "ROC AUC"},
                                                                        {"pr_auc", "PR AUC"},
                                                                        {"log_loss", "Log loss"},
                                                                        {"brier", "Brier score"},
                                                                        {"calibration_error", "Calibration error"}};
    for (const auto& [key, name] : kNames) {
        if (key == metric)
            return std::string(name);
    }
    return std::string(metric);
}

std::string valueText(const std::optional<double>& value, const MetricDefinition& definition) {
    if (!value)
        return "undefined";
    return definition.share ? formatPercent(*value) : formatDecimal(*value, 3);
}

std::string intervalText(const MetricValue& metric, const MetricDefinition& definition) {
    if (!metric.low || !metric.high)
        return {};
    if (definition.share)
        return fmt::format("{:.1f}–{:.1f}", *metric.low * 100, *metric.high * 100);
    return fmt::format("{:.3f}–{:.3f}", *metric.low, *metric.high);
}

/// `better`, `worse` or `no difference`, by whether the interval of the change excludes 0.
std::string_view changeWord(const Difference& difference, bool higherIsBetter) {
    if (!difference.low || !difference.high)
        return "undefined";
    if (*difference.low > 0)
        return higherIsBetter ? "better" : "worse";
    if (*difference.high < 0)
        return higherIsBetter ? "worse" : "better";
    return "no difference";
}

std::string changeCells(const Comparison& comparison, const MetricDefinition& definition) {
    const auto found = comparison.differences.find(definition.name);
    if (found == comparison.differences.end() || !found->second.value)
        return "<td class=\"n\">undefined</td><td class=\"n\"></td><td></td>";
    const Difference& difference = found->second;
    const std::string change = definition.share ? formatPoints(*difference.value) : formatSigned(*difference.value, 3);
    const std::string_view word = changeWord(difference, definition.higherIsBetter);
    return fmt::format("<td class=\"n\">{}</td><td class=\"n\" title=\"{}\">{}</td><td class=\"{}\">{}</td>", change,
                       difference.test, difference.p ? formatPValue(*difference.p) : "", word, word);
}

std::string metricsTable(const Evaluation& evaluation) {
    const bool compared = evaluation.baseline && evaluation.comparison;
    std::string html = "<table><tr><th>Metric</th><th class=\"n\">Candidate</th><th class=\"n\">95 %</th>";
    if (compared)
        html += "<th class=\"n\">Baseline</th><th class=\"n\">Change</th><th class=\"n\">p</th><th></th>";
    html += "</tr>";
    for (const MetricDefinition& definition : metricDefinitions(evaluation.task)) {
        const auto metric = evaluation.candidate.metrics.find(definition.name);
        if (metric == evaluation.candidate.metrics.end())
            continue;
        html += fmt::format("<tr><td>{}</td><td class=\"n\"><b>{}</b></td><td class=\"n note\">{}</td>",
                            nameOf(definition.name), valueText(metric->second.value, definition),
                            intervalText(metric->second, definition));
        if (compared) {
            const auto base = evaluation.baseline->metrics.find(definition.name);
            html += fmt::format("<td class=\"n\">{}</td>", base == evaluation.baseline->metrics.end()
                                                               ? ""
                                                               : valueText(base->second.value, definition));
            html += changeCells(*evaluation.comparison, definition);
        }
        html += "</tr>";
    }
    return html + "</table>";
}

std::string matrixCell(std::string_view name, std::uint64_t count, std::uint64_t ofRow, bool right) {
    const std::string share =
        ofRow == 0 ? "no rows" : formatPercent(static_cast<double>(count) / static_cast<double>(ofRow));
    return fmt::format("<div{}>{}<b class=\"num\">{}</b><span class=\"note\">{}</span></div>",
                       right ? " class=\"right\"" : "", name, formatCount(count), share);
}

std::string confusion(const EvaluatedModel& model) {
    const stats::ConfusionMatrix& matrix = model.confusion;
    return "<div class=\"matrix\">" + matrixCell("True negative", matrix.trueNegatives, matrix.negatives(), true) +
           matrixCell("False positive", matrix.falsePositives, matrix.negatives(), false) +
           matrixCell("False negative", matrix.falseNegatives, matrix.positives(), false) +
           matrixCell("True positive", matrix.truePositives, matrix.positives(), true) + "</div>";
}

std::string importanceTable(const EvaluatedModel& model) {
    if (model.importance.empty())
        return "<p class=\"note\">The package names no importances.</p>";
    const double longest = std::max(model.importance.front().share, 1e-12);
    std::string html = "<table>";
    for (const FeatureImportance& feature : model.importance)
        html += fmt::format("<tr><td>{}</td><td style=\"width:45%\"><div class=\"bar\" style=\"width:{:.1f}%\"></div>"
                            "</td><td class=\"n\">{}</td></tr>",
                            escapeHtml(feature.feature), 100 * feature.share / longest, formatPercent(feature.share));
    return html + "</table>";
}

std::string slicesTable(const Evaluation& evaluation) {
    if (evaluation.slices.empty())
        return "<p class=\"note\">No slice of one feature is significantly worse than the rest.</p>";
    std::string html = "<table><tr><th>Slice</th><th class=\"n\">Rows</th><th class=\"n\">Accuracy</th>"
                       "<th class=\"n\">Elsewhere</th><th class=\"n\">p adjusted</th></tr>";
    for (const Slice& slice : evaluation.slices)
        html +=
            fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td>"
                        "<td class=\"n\">{}</td></tr>",
                        escapeHtml(slice.name), formatCount(slice.rows), formatPercent(slice.accuracy),
                        formatPercent(slice.accuracyElsewhere), formatPValue(slice.p));
    return html + "</table>";
}

std::string rateText(const MetricValue& rate) {
    return rate.value ? formatPercent(*rate.value) : "undefined";
}

std::string gapText(const std::optional<double>& gap) {
    return gap ? formatDecimal(*gap, 2) : "undefined";
}

std::string fairnessCard(const Fairness& fairness) {
    std::string html = fmt::format("<section class=\"card\"><div class=\"head\"><h2>Fairness by {}</h2><span "
                                   "class=\"note\">gaps over groups of at least {} rows</span></div><table><tr>"
                                   "<th>Group</th><th class=\"n\">Rows</th><th class=\"n\">Accuracy</th><th "
                                   "class=\"n\">Predicted positive</th><th class=\"n\">True positive rate</th><th "
                                   "class=\"n\">False positive rate</th></tr>",
                                   escapeHtml(fairness.column), fairness.minimumRows);
    for (const GroupRates& group : fairness.groups)
        html += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
                            "class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                            escapeHtml(group.group), formatCount(group.rows), rateText(group.accuracy),
                            rateText(group.selectionRate), rateText(group.truePositiveRate),
                            rateText(group.falsePositiveRate));
    return html + fmt::format("<tr><td>Gap</td><td></td><td></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
                              "class=\"n\">{}</td></tr></table></section>",
                              gapText(fairness.selectionGap), gapText(fairness.truePositiveGap),
                              gapText(fairness.falsePositiveGap));
}

std::string card(std::string_view title, const std::string& note, const std::string& body) {
    return fmt::format("<section class=\"card\"><div class=\"head\"><h2>{}</h2><span class=\"note\">{}</span></div>{}"
                       "</section>",
                       title, note, body);
}

std::string pageHeader(const Evaluation& evaluation) {
    std::string html = fmt::format("<header><h1>Evaluate {}</h1><span class=\"key\"><b class=\"c\">● {} candidate</b>",
                                   escapeHtml(evaluation.model.text()), escapeHtml(evaluation.candidate.title));
    if (evaluation.baseline)
        html += fmt::format(" <b class=\"b\">■ {} baseline</b>", escapeHtml(evaluation.baseline->title));
    html += fmt::format("</span><span class=\"num\">{}</span><span class=\"note\">{} rows, {} {} = {}</span>",
                        escapeHtml(evaluation.data), formatCount(evaluation.rows),
                        evaluation.rows == 0 ? std::string("none")
                                             : formatPercent(static_cast<double>(evaluation.positives) /
                                                             static_cast<double>(evaluation.rows)),
                        escapeHtml(evaluation.label), escapeHtml(evaluation.positive));
    if (evaluation.comparison) {
        std::string words(toString(evaluation.comparison->verdict));
        std::ranges::replace(words, '_', ' ');
        html += fmt::format("<span class=\"chip {}\">{}</span><span>{}</span>",
                            toString(evaluation.comparison->verdict), words, escapeHtml(evaluation.comparison->reason));
    }
    for (const std::string& warning : evaluation.warnings)
        html += fmt::format("<span class=\"worse\">{}</span>", escapeHtml(warning));
    return html + "</header>";
}

} // namespace

std::string escapeHtml(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

std::string makeReport(const Evaluation& evaluation) {
    const EvaluatedModel& candidate = evaluation.candidate;
    std::string html =
        fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Evaluate {} "
                    "{}</title><style>{}</style></head><body><main>",
                    escapeHtml(evaluation.model.text()), escapeHtml(candidate.title), kStyle);
    html += pageHeader(evaluation);
    html += "<div class=\"row\">" + card("ROC", "area under curve", makeRocChart(evaluation)) +
            card("Precision, recall", "dashed: rate", makePrecisionRecallChart(evaluation)) +
            card("Calibration", "10 bins, expected error", makeCalibrationChart(evaluation)) + "</div>";
    html += "<div class=\"row wide\">" + card("Metrics", escapeHtml(evaluation.intervals), metricsTable(evaluation)) +
            card("Confusion, " + escapeHtml(candidate.title),
                 fmt::format("threshold {} ({})", formatDecimal(candidate.threshold, 2),
                             escapeHtml(candidate.thresholdRule)),
                 confusion(candidate)) +
            "</div>";
    html += "<div class=\"row wide\">" + card("Worst slices", "by accuracy, Holm-adjusted", slicesTable(evaluation)) +
            card("Importance", "share of gain in training", importanceTable(candidate)) + "</div>";
    if (evaluation.fairness)
        html += fairnessCard(*evaluation.fairness);
    html += fmt::format(
        "<p class=\"note num\">Offline result, not live traffic. Made {}. Candidate {}{}.</p>",
        toIso8601(evaluation.madeAt), candidate.digest.empty() ? "without a package" : candidate.digest.hex(),
        evaluation.baseline && !evaluation.baseline->digest.empty() ? ", baseline " + evaluation.baseline->digest.hex()
                                                                    : "");
    return html + "</main></body></html>\n";
}

} // namespace perch::evaluate
