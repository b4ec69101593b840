#pragma once

#include "core/evaluate/score_file.h"
#include "core/stats/intervals.h"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace perch::evaluate {

/// What a candidate would have answered to requests of the past, beside what was answered. Decisions are classes; of a
/// regression a decision has changed if the two numbers are further apart than the declared tolerance.
struct LogReplay {
    /// Where the scores of one side lie. Binary: the probability of the positive class; several classes: of the answer.
    struct Scores {
        double mean = 0;
        std::vector<double> quantiles; ///< at kReplayQuantiles
    };
    struct Change {
        std::string from, to;
        std::uint64_t rows = 0;
    };

    std::uint64_t rows = 0;
    std::uint64_t unseenCells = 0;         ///< categories that the candidate does not know
    std::optional<std::uint64_t> agreeing; ///< rows with the same decision; none for a regression without tolerance
    std::vector<Change> changes;           ///< most frequent first; none for a regression
    std::optional<double> meanDifference;  ///< regression: mean of |candidate - logged|
    Scores logged, candidate;
    std::optional<double> psi; ///< between the scores, over the tenths of the logged ones, bias corrected
    std::optional<stats::Interval> psiInterval;
    std::uint64_t labelled = 0; ///< rows whose truth is known
    std::uint64_t loggedRight = 0, candidateRight = 0;
    std::optional<double> pValue; ///< McNemar's exact test: that both are equally often right
};

inline constexpr double kReplayQuantiles[] = {0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99};

/// Scores the rows of a prediction log (a file, glob or `s3://` path) with a candidate, in bounded memory but for two
/// scores a row. `truths` are by request id. InvalidInput if the log lacks a field of the candidate.
Result<LogReplay> replayLog(const model::Predictor& candidate, const std::string& log,
                            const std::unordered_map<std::string, std::string>& truths, const Clock& clock,
                            const ScoreProgress& progress, std::stop_token stop);

} // namespace perch::evaluate
