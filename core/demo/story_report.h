#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/demo/replayer.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What was measured while the story was played. Values that were not reached are empty, never 0; nothing here is
/// scripted. Hours are hours of the story since its traffic began.
namespace perch::demo {

/// A trained version with the plain numbers of its test split.
struct TrainedFigures {
    std::string version;
    std::uint64_t rows = 0;
    double threshold = 0;
    double accuracy = 0, recall = 0;
    double seconds = 0; ///< of the clock, data included
};

/// A live number as Prometheus had it.
struct LiveFigure {
    std::optional<double> value;
    std::optional<double> low, high;
    std::uint64_t sample = 0;
    double hour = 0;
};

/// Candidate and production on the newest labelled loans, which neither was trained on.
struct AcceptanceFigures {
    std::uint64_t rows = 0;
    double accuracy = 0, productionAccuracy = 0;
    double recall = 0, productionRecall = 0;
    std::optional<double> differenceLow, differenceHigh; ///< of the accuracies, 95 %
    bool accepted = false;
};

/// A share of traffic as wanted and as the answers say.
struct SplitFigures {
    std::string version;
    double wanted = 0;
    std::uint64_t answers = 0; ///< of that version since the weight was in effect
    std::uint64_t allAnswers = 0;
    double changeMs = 0; ///< the executor's step: written, in effect, read back
    double real() const { return allAnswers > 0 ? static_cast<double>(answers) / static_cast<double>(allAnswers) : 0; }
};

struct RollbackFigures {
    std::string version;
    LiveFigure accuracy;     ///< of the bad candidate when its gate failed
    std::string verdict;     ///< the gate's sentence
    double lastAnswerMs = 0; ///< from the confirmation to the last answer of the bad candidate; 0: none came
    double trafficMs = 0;    ///< from the confirmation until the route was read back
    double finishedMs = 0;   ///< until record, alias and audit were written
};

struct AuditFigures {
    std::uint64_t records = 0;
    std::vector<std::string> problems;
    bool verified = false;
};

/// A line of the accuracy or drift chart: (hour, value).
struct StoryLine {
    std::string version;
    std::vector<std::pair<double, double>> points;
};

struct StoryEventLine {
    double hour = 0;
    std::string text;
};

struct StoryReport {
    std::uint64_t seed = 0;
    double requestsPerSecond = 0;
    double labelDelayHours = 0;
    std::string startedAt;
    double seconds = 0; ///< of the clock, everything included

    std::uint64_t historyRows = 0;
    double historyDefaultRate = 0; ///< a constant "no default" is right on the rest
    TrainedFigures first, second, bad;
    AcceptanceFigures acceptance;

    LiveFigure before, degraded, recovered, driftAtShift;
    std::optional<double> shiftHour, driftHour, alertHour, promotedHour, recoveredHour;
    double alertLimitBefore = 0, alertLimitAfter = 0;
    std::vector<SplitFigures> splits;
    RollbackFigures rollback;
    ReplayReport traffic;
    AuditFigures audit;
    std::vector<StoryLine> accuracyLines, driftLines;
    std::vector<StoryEventLine> events;

    std::optional<double> detectedAfterHours() const;
    std::optional<double> restoredAfterHours() const; ///< from the alert until the new version has all traffic
};

/// One row of the table that sets what was measured beside the reference.
struct FigureRow {
    std::string name, measured, reference;
};
std::vector<FigureRow> figureRows(const StoryReport& report);
/// The true statements that belong to the numbers: constant answer, time factor.
std::vector<std::string> reportNotes(const StoryReport& report);

nlohmann::json toJson(const StoryReport& report);
std::string toMarkdown(const StoryReport& report);
/// One file without references to others; `pictures` are PNG files that are put into it.
std::string toHtml(const StoryReport& report, const std::vector<std::filesystem::path>& pictures);

/// Writes report.json, report.md and report.html, each in one step.
Result<void> writeReport(const StoryReport& report, const std::filesystem::path& folder,
                         const std::vector<std::filesystem::path>& pictures);

} // namespace perch::demo
