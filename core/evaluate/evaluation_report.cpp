#include "core/evaluate/evaluation_report.h"

#include "core/base/number_format.h"
#include "core/evaluate/evaluation_chart.h"

#include <algorithm>
#include <cmath>

namespace perch::evaluate {

namespace {

/// The tokens of the console's light and dark themes. Paper is always light.
constexpr std::string_view kStyle = R"css(
:root { color-scheme:light dark; --win:#F3F5F8; --surface:#FFFFFF; --raised:#F8FAFC; --line:#D9DEE6; --line2:#AAB4C1;
  --grid:#E6EAF0; --ink:#161C26; --ink2:#4A5463; --ink3:#5E6877; --pass:#0B735A; --passBg:#E0F3EC; --warn:#8F5600;
  --warnBg:#FDF1D8; --fail:#B93610; --failBg:#FCE7DF; --none:#5E6877; --noneBg:#EBEEF3; --stable:#3F5270;
  --canary:#8436B8; --canaryBg:#F3E8FA; --accent:#1B5FC1; }
@media screen and (prefers-color-scheme:dark) { :root { --win:#0F131A; --surface:#171C25; --raised:#1C222D;
  --line:#2A323F; --line2:#465264; --grid:#242B37; --ink:#E7EBF1; --ink2:#B3BCC9; --ink3:#8C97A7; --pass:#3CC8A0;
  --passBg:#12322B; --warn:#F2B53C; --warnBg:#36290F; --fail:#FF8A66; --failBg:#3B1F17; --none:#8C97A7;
  --noneBg:#232A35; --stable:#B4C2D8; --canary:#CF95F7; --canaryBg:#2E2140; --accent:#6EA8FF; } }
* { box-sizing:border-box; }
body { margin:0; padding:24px; background:var(--win); color:var(--ink);
  font:13px/20px Inter,"Segoe UI",system-ui,sans-serif; }
main { max-width:1200px; margin:0 auto; }
h1 { font-size:20px; line-height:28px; font-weight:650; margin:0; }
h2 { font-size:14px; line-height:20px; font-weight:600; margin:0; }
header { display:flex; gap:8px 16px; align-items:baseline; flex-wrap:wrap; margin-bottom:8px; }
.num, td.n, th.n { font-family:"JetBrains Mono",ui-monospace,monospace; }
.note { color:var(--ink3); font-size:11px; line-height:16px; font-weight:500; }
.lead { margin:0 0 16px; } .lead.warning { color:var(--warn); }
.chip { border-radius:12px; padding:2px 10px; font-weight:600; white-space:nowrap; }
.chip.better, .chip.not_worse, .chip.pass { background:var(--passBg); color:var(--pass); }
.chip.worse, .chip.fail { background:var(--failBg); color:var(--fail); }
.chip.undecided { border:1px dashed var(--accent); color:var(--accent); }
.chip.none { border:1px dashed var(--none); color:var(--none); }
.row { display:grid; gap:16px; margin-bottom:16px; align-items:start; }
.four { grid-template-columns:repeat(4,minmax(0,1fr)); } .three { grid-template-columns:repeat(3,minmax(0,1fr)); }
.wide { grid-template-columns:minmax(0,3fr) minmax(0,2fr); } .half { grid-template-columns:repeat(2,minmax(0,1fr)); }
.stack { display:grid; gap:16px; }
.card { background:var(--surface); border:1px solid var(--line); border-radius:6px; padding:12px 16px;
  break-inside:avoid; min-width:0; }
.head { display:flex; justify-content:space-between; align-items:baseline; gap:8px; margin-bottom:8px; }
table { width:100%; border-collapse:collapse; }
th { text-align:left; font-weight:500; font-size:11px; line-height:16px; color:var(--ink2); background:var(--raised); }
th, td { padding:4px 6px; border-bottom:1px solid var(--line); overflow-wrap:anywhere; }
tr:last-child td { border-bottom:0; }
th.n, td.n { text-align:right; white-space:nowrap; } td.m { font-family:"JetBrains Mono",ui-monospace,monospace; }
.better { color:var(--pass); } .worse { color:var(--fail); }
svg { width:100%; height:auto; display:block; }
svg .grid { stroke:var(--grid); } svg .axis { stroke:var(--line2); } svg .tick { fill:var(--ink3); }
svg .c { stroke:var(--canary); } svg .b { stroke:var(--stable); } svg .cf { fill:var(--canary); }
svg .bf { fill:var(--stable); } svg .ring { fill:var(--surface); }
.matrix { display:grid; grid-template-columns:1fr 1fr; gap:8px; }
.matrix div { border:1px solid var(--line); border-radius:4px; padding:8px; }
.matrix .right { background:var(--canaryBg); }
.matrix b { display:block; font-size:17px; line-height:26px; font-weight:600; }
.scroll { overflow-x:auto; } td.heat { text-align:right; font-family:"JetBrains Mono",ui-monospace,monospace; }
.track { position:relative; height:12px; } .bar { height:12px; background:var(--canary); border-radius:2px; }
.mark { position:absolute; top:-2px; width:2px; height:16px; background:var(--ink); }
.key b.c { color:var(--canary); } .key b.b { color:var(--stable); }
@media (max-width:900px) { .four, .three, .half, .wide { grid-template-columns:minmax(0,1fr); } }
@media print { body { background:#fff; padding:0; font-size:10px; line-height:14px; } @page { size:A4; margin:10mm; }
  main { max-width:none; } .card { padding:6px 8px; } .row { gap:8px; margin-bottom:8px; } th, td { padding:2px 4px; }
  .four { grid-template-columns:repeat(2,minmax(0,1fr)); }
  * { print-color-adjust:exact; -webkit-print-color-adjust:exact; } }
)css";

std::string valueText(const std::optional<double>& value, const MetricDefinition& definition) {
    return value ? metricText(definition, *value) : "undefined";
}

std::string intervalText(const MetricValue& metric, const MetricDefinition& definition) {
    if (!metric.low || !metric.high)
        return {};
    return bareMetricText(definition, *metric.low) + "–" + bareMetricText(definition, *metric.high);
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
    const std::string_view word = changeWord(difference, definition.higherIsBetter);
    return fmt::format("<td class=\"n\">{}</td><td class=\"n\" title=\"{}\">{}</td><td class=\"{}\">{}</td>",
                       changeText(definition, *difference.value), escapeHtml(difference.test),
                       difference.p ? formatPValue(*difference.p) : "", word, word);
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
        html +=
            fmt::format("<tr><td>{}</td><td class=\"n\"><b>{}</b></td><td class=\"n note\">{}</td>", definition.title,
                        valueText(metric->second.value, definition), intervalText(metric->second, definition));
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

std::string shareText(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? "no rows" : formatPercent(static_cast<double>(part) / static_cast<double>(whole));
}

std::string matrixCell(std::string_view name, std::uint64_t count, std::uint64_t ofRow, bool right) {
    return fmt::format("<div{}>{}<b class=\"num\">{}</b><span class=\"note\">{}</span></div>",
                       right ? " class=\"right\"" : "", name, formatCount(count), shareText(count, ofRow));
}

std::string confusion(const EvaluatedModel& model) {
    const stats::ConfusionMatrix& matrix = model.confusion;
    return "<div class=\"matrix\">" + matrixCell("True negative", matrix.trueNegatives, matrix.negatives(), true) +
           matrixCell("False positive", matrix.falsePositives, matrix.negatives(), false) +
           matrixCell("False negative", matrix.falseNegatives, matrix.positives(), false) +
           matrixCell("True positive", matrix.truePositives, matrix.positives(), true) + "</div>";
}

/// Rows of the table are the truth; a cell's shade is its share of them.
std::string classMatrix(const ClassResult& result) {
    const std::size_t classes = result.classes.size();
    std::string html = "<div class=\"scroll\"><table><tr><th>truth \\ answer</th>";
    for (const ClassRates& one : result.classes)
        html += fmt::format("<th class=\"n\">{}</th>", escapeHtml(one.name));
    html += "</tr>";
    for (std::size_t truth = 0; truth < classes; ++truth) {
        html += fmt::format("<tr><td>{}</td>", escapeHtml(result.classes[truth].name));
        for (std::size_t answer = 0; answer < classes; ++answer) {
            const std::uint64_t count = result.confusion[truth * classes + answer];
            const std::uint64_t rows = result.classes[truth].rows;
            const double share = rows > 0 ? static_cast<double>(count) / static_cast<double>(rows) : 0;
            html += fmt::format("<td class=\"heat\" title=\"{}\" style=\"background:color-mix(in srgb,var(--{}) "
                                "{:.0f}%,transparent)\">{}</td>",
                                shareText(count, rows), truth == answer ? "canary" : "fail", share * 45,
                                formatCount(count));
        }
        html += "</tr>";
    }
    return html + "</table></div>";
}

std::string rateText(const MetricValue& rate) {
    return rate.value ? formatPercent(*rate.value) : "undefined";
}

std::string classTable(const ClassResult& result) {
    std::string html =
        "<table><tr><th>Class</th><th class=\"n\">Rows</th><th class=\"n\">Precision</th><th class=\"n\">"
        "Recall</th><th class=\"n\">F1</th><th class=\"n\">95 %</th><th class=\"n\">ROC AUC</th></tr>";
    for (const ClassRates& one : result.classes)
        html += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
                            "class=\"n\"><b>{}</b></td><td class=\"n note\">{}</td><td class=\"n\">{}</td></tr>",
                            escapeHtml(one.name), formatCount(one.rows), rateText(one.precision), rateText(one.recall),
                            one.f1.value ? formatDecimal(*one.f1.value, 3) : "undefined",
                            one.f1.low ? formatDecimal(*one.f1.low, 3) + "–" + formatDecimal(*one.f1.high, 3) : "",
                            one.rocAuc.value ? formatDecimal(*one.rocAuc.value, 3) : "undefined");
    return html + "</table>";
}

std::string directionText(const FeatureImportance& feature) {
    if (!feature.direction)
        return {};
    return *feature.direction > 0.2 ? "↑" : *feature.direction < -0.2 ? "↓" : "";
}

std::string importanceTable(const Evaluation& evaluation) {
    constexpr std::size_t kMostBars = 12;
    const std::vector<FeatureImportance>& features = evaluation.candidate.importance;
    if (features.empty())
        return "<p class=\"note\">Importance was not measured.</p>";
    double longest = std::max(features.front().meanShap, 1e-12);
    std::map<std::string, double> baseline;
    if (evaluation.baseline) {
        for (const FeatureImportance& feature : evaluation.baseline->importance) {
            baseline[feature.feature] = feature.meanShap;
            longest = std::max(longest, feature.meanShap);
        }
    }
    std::string html = "<table>";
    for (std::size_t i = 0; i < std::min(kMostBars, features.size()); ++i) {
        const FeatureImportance& feature = features[i];
        std::string tick;
        if (const auto found = baseline.find(feature.feature); found != baseline.end())
            tick = fmt::format("<div class=\"mark\" style=\"left:{:.1f}%\"></div>", 100 * found->second / longest);
        html +=
            fmt::format("<tr><td class=\"m\">{}</td><td style=\"width:45%\"><div class=\"track\"><div class=\"bar\" "
                        "style=\"width:{:.1f}%\"></div>{}</div></td><td class=\"n\">{} {:.3g}</td></tr>",
                        escapeHtml(feature.feature), 100 * feature.meanShap / longest, tick, directionText(feature),
                        feature.meanShap);
    }
    return html + "</table>";
}

std::string importanceNote(const Evaluation& evaluation) {
    if (evaluation.candidate.importanceRows == 0)
        return {};
    std::string note = fmt::format("mean |SHAP|, {} rows", formatCount(evaluation.candidate.importanceRows));
    if (evaluation.baseline)
        note += fmt::format(", tick {}", escapeHtml(evaluation.baseline->title));
    return note;
}

std::string slicesTable(const Evaluation& evaluation) {
    if (evaluation.slices.empty())
        return "<p class=\"note\">No slice of one or two features is significantly worse than the rest.</p>";
    const bool shares = evaluation.task != model::Task::Regression;
    const auto value = [&](double v) { return shares ? formatPercent(v) : fmt::format("{:.4g}", v); };
    std::string html = fmt::format("<table><tr><th>Slice</th><th class=\"n\">Rows</th><th class=\"n\">{}</th>"
                                   "<th class=\"n\">Elsewhere</th><th class=\"n\">p adjusted</th></tr>",
                                   shares ? "Accuracy" : "Mean error");
    for (const Slice& slice : evaluation.slices)
        html += fmt::format("<tr><td class=\"m\">{}</td><td class=\"n\">{}</td><td class=\"n\"><b>{}</b></td><td "
                            "class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
                            escapeHtml(slice.name), formatCount(slice.rows), value(slice.value), value(slice.elsewhere),
                            formatPValue(slice.p));
    return html + "</table>";
}

std::string gapText(const MetricValue& gap) {
    if (!gap.value)
        return "no data";
    const std::string value = formatDecimal(*gap.value, 2);
    return gap.low && gap.high
               ? fmt::format("{} ({}–{})", value, formatDecimal(*gap.low, 2), formatDecimal(*gap.high, 2))
               : value;
}

std::string biasChip(const Fairness& fairness) {
    if (!fairness.biasScore)
        return "<span class=\"chip none\">◌ bias score: no data</span>";
    const bool fair = *fairness.biasScore <= kBiasLimit;
    return fmt::format("<span class=\"chip {}\">{} bias score {} / {:.2f}</span>", fair ? "pass" : "fail",
                       fair ? "✓" : "✕", formatDecimal(*fairness.biasScore, 2), kBiasLimit);
}

std::string fairnessCard(const Fairness& fairness) {
    const bool binary = !fairness.accuracy.value;
    std::string html = fmt::format(
        "<section class=\"card\"><div class=\"head\"><h2>Fairness by {}</h2>{}</div><table><tr><th>Group</th>"
        "<th class=\"n\">Rows</th><th class=\"n\">Accuracy</th>{}</tr>",
        escapeHtml(fairness.column), binary ? biasChip(fairness) : "",
        binary ? "<th class=\"n\">Predicted positive</th><th class=\"n\">True positives</th><th class=\"n\">False "
                 "positives</th>"
               : "");
    for (const GroupRates& group : fairness.groups) {
        const bool few = group.rows < fairness.minimumRows;
        const auto cell = [&](const MetricValue& rate) {
            return fmt::format("<td class=\"n\">{}</td>", few ? "no data" : rateText(rate));
        };
        html += fmt::format("<tr><td>{}</td><td class=\"n\">{}</td>{}", escapeHtml(group.group),
                            formatCount(group.rows), cell(group.accuracy));
        if (binary)
            html += cell(group.selectionRate) + cell(group.truePositiveRate) + cell(group.falsePositiveRate);
        html += "</tr>";
    }
    if (binary)
        html +=
            fmt::format("<tr><td>Gap</td><td></td><td></td><td class=\"n\">{}</td><td class=\"n\">{}</td><td "
                        "class=\"n\">{}</td></tr>",
                        gapText(fairness.selection), gapText(fairness.truePositive), gapText(fairness.falsePositive));
    else
        html += fmt::format("<tr><td>Gap</td><td></td><td class=\"n\">{}</td></tr>", gapText(fairness.accuracy));
    return html +
           fmt::format("</table><p class=\"note\">Gaps are over groups of at least {} rows, with 95 % intervals; "
                       "the bias score is the larger of demographic parity and equal opportunity.</p></section>",
                       fairness.minimumRows);
}

std::string thresholdsTable(const Evaluation& evaluation) {
    std::string html = "<table><tr><th>Rule</th><th class=\"n\">Threshold</th><th class=\"n\">Precision</th>"
                       "<th class=\"n\">Recall</th><th class=\"n\">F1</th></tr>";
    for (const ThresholdChoice& choice : evaluation.thresholds) {
        if (!choice.threshold) {
            html += fmt::format("<tr><td>{}</td><td colspan=\"4\">none reaches it on these rows</td></tr>",
                                escapeHtml(choice.rule));
            continue;
        }
        const auto at = [&](const char* name) { return choice.metrics.find(name)->second; };
        html +=
            fmt::format("<tr><td>{}</td><td class=\"n\"><b>{}</b></td><td class=\"n\">{}</td><td class=\"n\">{}</td>"
                        "<td class=\"n\">{}</td></tr>",
                        escapeHtml(choice.rule), formatDecimal(*choice.threshold, 4), rateText(at("precision")),
                        rateText(at("recall")), at("f1").value ? formatDecimal(*at("f1").value, 3) : "undefined");
    }
    return html + "</table>";
}

std::string card(std::string_view title, const std::string& note, const std::string& body) {
    return fmt::format("<section class=\"card\"><div class=\"head\"><h2>{}</h2><span class=\"note\">{}</span></div>{}"
                       "</section>",
                       title, note, body);
}

std::string rowsText(const Evaluation& evaluation) {
    if (evaluation.task != model::Task::Binary)
        return fmt::format("{} rows, {}", formatCount(evaluation.rows), escapeHtml(evaluation.label));
    return fmt::format("{} rows, {} {} = {}", formatCount(evaluation.rows),
                       evaluation.rows == 0 ? std::string("none") : shareText(evaluation.positives, evaluation.rows),
                       escapeHtml(evaluation.label), escapeHtml(evaluation.positive));
}

std::string_view signOf(Verdict verdict) {
    return verdict == Verdict::Worse ? "✕" : verdict == Verdict::Undecided ? "◐" : "✓";
}

std::string pageHeader(const Evaluation& evaluation) {
    std::string html = fmt::format("<header><h1>Evaluate {}</h1><span class=\"key\"><b class=\"c\">● {} candidate</b>",
                                   escapeHtml(evaluation.model.text()), escapeHtml(evaluation.candidate.title));
    if (evaluation.baseline)
        html += fmt::format(" <b class=\"b\">■ {} baseline</b>", escapeHtml(evaluation.baseline->title));
    html += fmt::format("</span><span class=\"num\">{}</span><span class=\"note\">{}</span>",
                        escapeHtml(evaluation.data), rowsText(evaluation));
    if (evaluation.comparison) {
        std::string words(toString(evaluation.comparison->verdict));
        std::ranges::replace(words, '_', ' ');
        html += fmt::format("<span class=\"chip {}\">{} {}</span>", toString(evaluation.comparison->verdict),
                            signOf(evaluation.comparison->verdict), words);
    }
    html += "</header>";
    if (evaluation.comparison)
        html += fmt::format("<p class=\"lead\">{}</p>", escapeHtml(evaluation.comparison->reason));
    for (const std::string& warning : evaluation.warnings)
        html += fmt::format("<p class=\"lead warning\">△ {}</p>", escapeHtml(warning));
    return html;
}

std::string charts(const Evaluation& evaluation) {
    if (evaluation.task == model::Task::Binary)
        return "<div class=\"row four\">" + card("ROC", "area under curve", makeRocChart(evaluation)) +
               card("Precision and recall", "dashed: rate", makePrecisionRecallChart(evaluation)) +
               card("Calibration", "10 bins, expected error", makeCalibrationChart(evaluation)) +
               card("Gain", "dashed: by chance", makeGainChart(evaluation)) + "</div>";
    if (evaluation.task == model::Task::MultiClass)
        return "<div class=\"row three\">" +
               card("Confusion, " + escapeHtml(evaluation.candidate.title), "shade: share of the truth",
                    classMatrix(*evaluation.candidate.classes)) +
               card("Classes", "Wilson intervals", classTable(*evaluation.candidate.classes)) +
               card("Calibration", "of the answered class, 10 bins", makeCalibrationChart(evaluation)) + "</div>";
    return "<div class=\"row three\">" +
           card("Predictions", fmt::format("{} rows, drawn", formatCount(evaluation.candidate.errors->sample.size())),
                makePredictionChart(evaluation)) +
           card("Calibration", "tenths of the predictions", makeErrorBinChart(evaluation)) +
           card("Errors", "0.5 % to 99.5 %", makeErrorChart(evaluation)) + "</div>";
}

std::string sideCards(const Evaluation& evaluation) {
    const EvaluatedModel& candidate = evaluation.candidate;
    std::string html;
    if (evaluation.task == model::Task::Binary)
        html += card("Confusion, " + escapeHtml(candidate.title),
                     fmt::format("threshold {} ({})", formatDecimal(candidate.threshold, 2),
                                 escapeHtml(candidate.thresholdRule)),
                     confusion(candidate));
    if (!evaluation.thresholds.empty())
        html += card("Thresholds", "chosen on these rows", thresholdsTable(evaluation));
    return html + card("SHAP importance", importanceNote(evaluation), importanceTable(evaluation));
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
        fmt::format("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\"><title>Evaluate {} {}</title><style>{}</style></head><body><main>",
                    escapeHtml(evaluation.model.text()), escapeHtml(candidate.title), kStyle);
    html += pageHeader(evaluation) + charts(evaluation);
    std::string left = card("Metrics", "",
                            metricsTable(evaluation) +
                                fmt::format("<p class=\"note\">Intervals: {}.</p>", escapeHtml(evaluation.intervals))) +
                       card("Worst slices", "one and two features, Holm-adjusted", slicesTable(evaluation));
    if (evaluation.fairness)
        left += fairnessCard(*evaluation.fairness);
    html += "<div class=\"row wide\"><div class=\"stack\">" + left + "</div><div class=\"stack\">" +
            sideCards(evaluation) + "</div></div>";
    html += fmt::format(
        "<p class=\"note num\">Offline result, not live traffic. Made {}. Candidate {}{}.</p>",
        toIso8601(evaluation.madeAt), candidate.digest.empty() ? "without a package" : candidate.digest.hex(),
        evaluation.baseline && !evaluation.baseline->digest.empty() ? ", baseline " + evaluation.baseline->digest.hex()
                                                                    : "");
    return html + "</main></body></html>\n";
}

} // namespace perch::evaluate
