#include "core/base/base64.h"
#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/demo/story_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace perch::demo {

namespace {

constexpr std::string_view kTitle = "The credit-risk story";

std::string escapeHtml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

/// The place of a chart and the scale of its axes.
struct Chart {
    double lastHour = 1, low = 0, high = 1;
    static constexpr double kWidth = 880, kHeight = 240, kLeft = 48, kTop = 12, kBottom = 28;

    double x(double hour) const { return kLeft + hour / lastHour * (kWidth - kLeft - 56); }
    double y(double value) const {
        return kTop + (high - std::clamp(value, low, high)) / (high - low) * (kHeight - kTop - kBottom);
    }
};

double lastHourOf(const StoryReport& report) {
    double last = 1;
    for (const auto* lines : {&report.accuracyLines, &report.driftLines}) {
        for (const StoryLine& line : *lines) {
            if (!line.points.empty())
                last = std::max(last, line.points.back().first);
        }
    }
    return last;
}

constexpr const char* kColors[] = {"#2f6fde", "#1d8a5b", "#c2571a", "#7a4fc9"};

void drawLines(std::string& svg, const Chart& chart, const std::vector<StoryLine>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const StoryLine& line = lines[i];
        if (line.points.empty())
            continue;
        const char* color = kColors[i % std::size(kColors)];
        svg += fmt::format("<polyline fill='none' stroke='{}' stroke-width='2' points='", color);
        for (const auto& [hour, value] : line.points)
            svg += fmt::format("{:.1f},{:.1f} ", chart.x(hour), chart.y(value));
        svg += fmt::format("'/><text x='{:.1f}' y='{:.1f}' fill='{}'>{}</text>", chart.x(line.points.back().first) + 5,
                           chart.y(line.points.back().second) + 4, color, escapeHtml(line.version));
    }
}

void drawMark(std::string& svg, const Chart& chart, std::optional<double> hour, std::string_view name) {
    if (!hour)
        return;
    svg += fmt::format("<line class='mark' x1='{0:.1f}' x2='{0:.1f}' y1='{1}' y2='{2}'/>"
                       "<text class='small' x='{3:.1f}' y='{4}'>{5}</text>",
                       chart.x(*hour), Chart::kTop, Chart::kHeight - Chart::kBottom, chart.x(*hour) + 3,
                       Chart::kTop + 9, name);
}

std::string chartOf(const StoryReport& report, const std::vector<StoryLine>& lines, Chart chart, double limit,
                    bool asPercent) {
    chart.lastHour = lastHourOf(report);
    std::string svg = fmt::format("<svg viewBox='0 0 {} {}' role='img'>", Chart::kWidth, Chart::kHeight);
    for (int i = 0; i <= 4; ++i) {
        const double value = chart.low + (chart.high - chart.low) * i / 4;
        svg += fmt::format("<line class='grid' x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/>"
                           "<text class='small' x='4' y='{3:.1f}'>{4}</text>",
                           Chart::kLeft, Chart::kWidth - 56, chart.y(value), chart.y(value) + 4,
                           asPercent ? formatPercent(value, 0) : formatDecimal(value, 2));
    }
    svg += fmt::format("<line class='limit' x1='{0}' x2='{1}' y1='{2:.1f}' y2='{2:.1f}'/>", Chart::kLeft,
                       Chart::kWidth - 56, chart.y(limit));
    drawMark(svg, chart, report.shiftHour, "shift");
    drawMark(svg, chart, report.alertHour, "alert");
    drawMark(svg, chart, report.promotedHour, "promoted");
    drawLines(svg, chart, lines);
    return svg + fmt::format("<text class='small' x='{}' y='{}'>{:.0f} h of the story</text></svg>",
                             Chart::kWidth - 150, Chart::kHeight - 6, chart.lastHour);
}

constexpr std::string_view kStyle =
    "body{font:15px/1.5 Inter,system-ui,sans-serif;max-width:920px;margin:2rem auto;padding:0 1rem;color:#1b1f27;"
    "background:#fff}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .6rem;"
    "border-bottom:1px solid #dde1e8;vertical-align:top}th{font-weight:600}svg{width:100%;font-size:12px}"
    ".grid{stroke:#e4e7ee}.limit{stroke:#c03a3a;stroke-dasharray:5 4}.mark{stroke:#8a93a5;stroke-dasharray:2 3}"
    ".small{fill:#667085;font-size:11px}img{max-width:100%;border:1px solid #dde1e8;border-radius:6px;margin:.5rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#14171d;color:#e6e9ef}td,th{border-color:#2b313c}"
    ".grid{stroke:#2b313c}img{border-color:#2b313c}}";

} // namespace

std::string toMarkdown(const StoryReport& report) {
    std::string text = fmt::format("# {}\n\nPlayed at {} in {:.0f} s with seed {}.\n\n", kTitle, report.startedAt,
                                   report.seconds, report.seed);
    text += "| what | measured | reference |\n|---|---|---|\n";
    for (const FigureRow& row : figureRows(report))
        text += fmt::format("| {} | {} | {} |\n", row.name, row.measured, row.reference);
    text += "\n";
    for (const std::string& note : reportNotes(report))
        text += fmt::format("- {}\n", note);
    text += "\n## What happened\n\n";
    for (const StoryEventLine& event : report.events)
        text += fmt::format("- {:.1f} h: {}\n", event.hour, event.text);
    return text;
}

std::string toHtml(const StoryReport& report, const std::vector<std::filesystem::path>& pictures) {
    std::string html = fmt::format("<!doctype html><html lang='en'><meta charset='utf-8'><title>{0}</title>"
                                   "<style>{1}</style><h1>{0}</h1><p>Played at {2} in {3:.0f} s with seed {4}.</p>",
                                   kTitle, kStyle, escapeHtml(report.startedAt), report.seconds, report.seed);
    html += "<table><tr><th>What</th><th>Measured</th><th>Reference</th></tr>";
    for (const FigureRow& row : figureRows(report)) {
        html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", escapeHtml(row.name),
                            escapeHtml(row.measured), escapeHtml(row.reference));
    }
    html += "</table><h2>Live accuracy by version</h2>";
    html += chartOf(report, report.accuracyLines, {.low = 0.5, .high = 1}, report.alertLimitBefore, true);
    html += "<h2>Drift score by version</h2>";
    html += chartOf(report, report.driftLines, {.low = 0, .high = 1}, 0.15, false);
    html += "<h2>Notes</h2><ul>";
    for (const std::string& note : reportNotes(report))
        html += fmt::format("<li>{}</li>", escapeHtml(note));
    html += "</ul><h2>What happened</h2><table>";
    for (const StoryEventLine& event : report.events)
        html += fmt::format("<tr><td>{:.1f}&nbsp;h</td><td>{}</td></tr>", event.hour, escapeHtml(event.text));
    html += "</table>";
    if (!pictures.empty())
        html += "<h2>Screens</h2>";
    for (const std::filesystem::path& picture : pictures) {
        const Result<std::string> bytes = readFile(picture);
        if (bytes)
            html += fmt::format("<figure><img alt='{0}' src='data:image/png;base64,{1}'><figcaption>{0}</figcaption>"
                                "</figure>",
                                escapeHtml(picture.parent_path().filename().string() + ": " + picture.stem().string()),
                                toBase64(*bytes));
    }
    return html + "</html>\n";
}

} // namespace perch::demo
