#pragma once

#include "core/data/table.h"
#include "core/evaluate/evaluation.h"
#include "core/model/predict/predictor.h"

#include <filesystem>
#include <stop_token>

namespace perch::evaluate {

/// One side of an evaluation.
struct EvaluationSubject {
    std::string title;                           ///< `v8`
    const model::Predictor* predictor = nullptr; ///< borrowed
};

struct EvaluationOptions {
    std::string label;         ///< column; empty: the candidate's
    std::string positive;      ///< label value that counts as positive; empty: the candidate's
    std::string group;         ///< column for fairness; empty: none
    std::string metric = "f1"; ///< decides the comparison
    double margin = 0.01;      ///< loss of it that counts as not worse
    std::uint32_t resamples = 1'000;
    std::uint64_t seed = 42;
};

/// Evaluates a binary model, and optionally compares it with a baseline, on the rows of a table that have a label. The
/// label column must hold texts (Category). Memory beyond the table: one score and label per row, and bounded cells.
/// InvalidInput that names the column: no label column, a label that is neither class, no positive row, a missing
/// feature or group column. Cancelled when asked to stop.
Result<Evaluation> evaluate(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                            const data::Table& table, const EvaluationOptions& options, const Clock& clock,
                            std::stop_token stop);

/// Reads the CSV with the types of the models' fields, then evaluates.
Result<Evaluation> evaluateFile(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                const std::filesystem::path& file, const EvaluationOptions& options, const Clock& clock,
                                std::stop_token stop);

/// The pure part, on scores that are there already: metrics with intervals, curves, histogram and cells.
Result<EvaluatedModel> evaluateScores(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                      double threshold, const EvaluationOptions& options, std::stop_token stop);

} // namespace perch::evaluate
