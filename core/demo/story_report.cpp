#include "core/demo/story_report.h"

#include "core/base/file.h"
#include "core/base/number_format.h"
#include "core/demo/story_time.h"

#include <nlohmann/json.hpp>

namespace perch::demo {

namespace {

constexpr const char* kNotMeasured = "not reached";

std::string percent(const LiveFigure& figure) {
    if (!figure.value)
        return kNotMeasured;
    return fmt::format("{} (of {} labelled)", formatPercent(*figure.value), formatCount(figure.sample));
}

std::string hours(std::optional<double> value) {
    return value ? fmt::format("{:.1f} h", *value) : kNotMeasured;
}

nlohmann::json optional(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json toJson(const LiveFigure& figure) {
    return {{"value", optional(figure.value)},
            {"low", optional(figure.low)},
            {"high", optional(figure.high)},
            {"n", figure.sample},
            {"hour", figure.hour}};
}

nlohmann::json toJson(const TrainedFigures& figures) {
    return {{"version", figures.version},   {"rows", figures.rows},     {"threshold", figures.threshold},
            {"accuracy", figures.accuracy}, {"recall", figures.recall}, {"seconds", figures.seconds}};
}

nlohmann::json toJson(const AcceptanceFigures& figures) {
    return {{"rows", figures.rows},
            {"accuracy", figures.accuracy},
            {"production_accuracy", figures.productionAccuracy},
            {"recall", figures.recall},
            {"production_recall", figures.productionRecall},
            {"difference_low", optional(figures.differenceLow)},
            {"difference_high", optional(figures.differenceHigh)},
            {"accepted", figures.accepted}};
}

nlohmann::json toJson(const RollbackFigures& figures) {
    return {{"version", figures.version},      {"accuracy", toJson(figures.accuracy)},
            {"verdict", figures.verdict},      {"last_answer_ms", figures.lastAnswerMs},
            {"traffic_ms", figures.trafficMs}, {"finished_ms", figures.finishedMs}};
}

nlohmann::json toJson(const std::vector<StoryLine>& lines) {
    nlohmann::json document = nlohmann::json::array();
    for (const StoryLine& line : lines)
        document.push_back({{"version", line.version}, {"points", line.points}});
    return document;
}

nlohmann::json trafficJson(const ReplayReport& traffic) {
    nlohmann::json byVersion = nlohmann::json::object();
    for (const auto& [version, answers] : traffic.byVersion)
        byVersion[version.text()] = answers;
    return {{"sent", traffic.sent},
            {"answered", traffic.answered},
            {"errors", traffic.errors},
            {"lost", traffic.lost},
            {"by_version", byVersion},
            {"labelled", traffic.labelled},
            {"first_failure", traffic.firstFailure}};
}

nlohmann::json splitsJson(const std::vector<SplitFigures>& splits) {
    nlohmann::json document = nlohmann::json::array();
    for (const SplitFigures& split : splits) {
        document.push_back({{"version", split.version},
                            {"wanted", split.wanted},
                            {"real", split.real()},
                            {"answers", split.answers},
                            {"all_answers", split.allAnswers},
                            {"change_ms", split.changeMs}});
    }
    return document;
}

} // namespace

std::optional<double> StoryReport::detectedAfterHours() const {
    return alertHour && shiftHour ? std::optional(*alertHour - *shiftHour) : std::nullopt;
}

std::optional<double> StoryReport::restoredAfterHours() const {
    return promotedHour && alertHour ? std::optional(*promotedHour - *alertHour) : std::nullopt;
}

std::vector<FigureRow> figureRows(const StoryReport& report) {
    std::vector<FigureRow> rows = {
        {"Live accuracy before the shift", percent(report.before), "93.8 %"},
        {"Live accuracy of v1 after the shift", percent(report.degraded), "68 %"},
        {"Live accuracy after the promotion", percent(report.recovered), "about 89 %"},
        {"Alert after the shift", hours(report.detectedAfterHours()), "3 h"},
        {"New version has all traffic after the alert", hours(report.restoredAfterHours()), "2 h"},
        {"The same without Perch", "not played", "72 h"},
        {"Drift score of v1 after the shift",
         report.driftAtShift.value ? formatDecimal(*report.driftAtShift.value, 2) : kNotMeasured, "limit 0.15"},
        {"Requests sent / lost / errors",
         fmt::format("{} / {} / {}", formatCount(report.traffic.sent), report.traffic.lost, report.traffic.errors),
         "0 lost"},
    };
    for (const SplitFigures& split : report.splits) {
        rows.push_back({fmt::format("Traffic of {} at {}", split.version, formatPercent(split.wanted, 0)),
                        fmt::format("{} of {} answers, changed in {}", formatPercent(split.real()),
                                    formatCount(split.allAnswers), formatLatency(split.changeMs)),
                        "change under 50 ms"});
    }
    rows.push_back({"Roll back of " + report.rollback.version + ", confirmation to traffic on stable",
                    formatLatency(report.rollback.trafficMs), "under 1 s"});
    rows.push_back({"Audit chain",
                    fmt::format("{}, {} records", report.audit.verified ? "verified" : "BROKEN", report.audit.records),
                    "verified"});
    return rows;
}

std::vector<std::string> reportNotes(const StoryReport& report) {
    return {
        fmt::format(
            "One hour of the story took {:.0f} s: time factor {:.0f}. Rules, windows, gates and the label delay "
            "of {:.0f} h are scaled by it; no clock was changed.",
            std::chrono::duration<double>(kStoryHour).count(), kTimeFactor, report.labelDelayHours),
        fmt::format("A constant answer \"no default\" is right on {} of the {} loans of the history. The threshold is "
                    "chosen by cost, a missed default costs 20 times a refused loan, so the model's accuracy is lower "
                    "and it still loses less money.",
                    formatPercent(1 - report.historyDefaultRate), formatCount(report.historyRows)),
        "Every number was measured: the models were trained here, answers counted by the replayer, accuracy and drift "
        "read from Prometheus, the alert was fired by its rule.",
    };
}

nlohmann::json toJson(const StoryReport& report) {
    nlohmann::json events = nlohmann::json::array();
    for (const StoryEventLine& event : report.events)
        events.push_back({{"hour", event.hour}, {"text", event.text}});
    return {
        {"schema", 1},
        {"seed", report.seed},
        {"started_at", report.startedAt},
        {"seconds", report.seconds},
        {"time_factor", kTimeFactor},
        {"requests_per_second", report.requestsPerSecond},
        {"label_delay_hours", report.labelDelayHours},
        {"constant_answer_accuracy", 1 - report.historyDefaultRate},
        {"history_rows", report.historyRows},
        {"versions", {{"first", toJson(report.first)}, {"second", toJson(report.second)}, {"bad", toJson(report.bad)}}},
        {"acceptance", toJson(report.acceptance)},
        {"accuracy",
         {{"before", toJson(report.before)},
          {"degraded", toJson(report.degraded)},
          {"recovered", toJson(report.recovered)}}},
        {"drift_at_shift", toJson(report.driftAtShift)},
        {"alert_limit", {{"before", report.alertLimitBefore}, {"after", report.alertLimitAfter}}},
        {"hours",
         {{"shift", optional(report.shiftHour)},
          {"drift", optional(report.driftHour)},
          {"alert", optional(report.alertHour)},
          {"promoted", optional(report.promotedHour)},
          {"recovered", optional(report.recoveredHour)},
          {"detected_after", optional(report.detectedAfterHours())},
          {"restored_after", optional(report.restoredAfterHours())}}},
        {"reference",
         {{"accuracy_before", 0.938},
          {"accuracy_degraded", 0.68},
          {"accuracy_recovered", 0.89},
          {"detected_after_hours", 3},
          {"restored_after_hours", 2},
          {"without_perch_hours", 72}}},
        {"splits", splitsJson(report.splits)},
        {"rollback", toJson(report.rollback)},
        {"traffic", trafficJson(report.traffic)},
        {"audit",
         {{"verified", report.audit.verified}, {"records", report.audit.records}, {"problems", report.audit.problems}}},
        {"series", {{"accuracy", toJson(report.accuracyLines)}, {"drift", toJson(report.driftLines)}}},
        {"events", events},
        {"notes", reportNotes(report)},
    };
}

Result<void> writeReport(const StoryReport& report, const std::filesystem::path& folder,
                         const std::vector<std::filesystem::path>& pictures) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return fail(ErrorCode::Unavailable, "Cannot create the folder {}: {}.", folder.string(), error.message());
    TRY(writeFileAtomically(folder / "report.json", toJson(report).dump(2) + "\n"));
    TRY(writeFileAtomically(folder / "report.md", toMarkdown(report)));
    return writeFileAtomically(folder / "report.html", toHtml(report, pictures));
}

} // namespace perch::demo
