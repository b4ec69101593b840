#pragma once

#include "core/data/source/batch_source.h"
#include "core/data/table.h"
#include "core/evaluate/evaluation.h"
#include "core/model/predict/predictor.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <utility>

namespace perch::evaluate {

/// One side of an evaluation.
struct EvaluationSubject {
    std::string title;                           ///< `v8`
    const model::Predictor* predictor = nullptr; ///< borrowed
};

struct EvaluationOptions {
    std::string label;    ///< column; empty: the candidate's
    std::string positive; ///< binary: label value that counts as positive; empty: the candidate's
    std::string group;    ///< column for fairness; empty: none
    std::string metric;   ///< decides the comparison; empty: f1, macro_f1 or mae
    double margin = 0.01; ///< loss of it that counts as not worse; of an error, as a share of the baseline's
    /// Regression; nothing: what the candidate declares, else a tenth of the truth.
    std::optional<stats::Tolerance> tolerance = {};
    std::optional<std::pair<double, double>> costs = {};      ///< of a missed positive and of a false alarm
    std::optional<double> targetPrecision, targetRecall = {}; ///< binary: thresholds that are looked for
    std::uint32_t resamples = 1'000;
    std::uint64_t seed = 42;
    std::size_t importanceRows = 500; ///< on which SHAP values are computed; 0: none
    /// Told the share of the source that was read, 0 to 1 (0: unknown), and the labelled rows so far.
    std::function<void(double share, std::uint64_t rows)> progress = {};
};

/// Evaluates a model, and optionally compares it with a baseline of the same task, on the rows of a table that have a
/// label. The label column must hold texts (Category), or numbers for a regression. Memory beyond the table: scores and
/// label per row, and bounded counts.
/// InvalidInput that names the column: no label column, a label that is no class of the model, no positive row, a
/// missing feature or group column. Cancelled when asked to stop.
Result<Evaluation> evaluate(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                            const data::Table& table, const EvaluationOptions& options, const Clock& clock,
                            std::stop_token stop);

/// Reads the file, glob, folder or `s3://` path with the types of the models' fields, table by table, so that it may be
/// larger than memory: what is kept is the scores and the label of each row.
Result<Evaluation> evaluateFile(const EvaluationSubject& candidate, const EvaluationSubject* baseline,
                                const std::filesystem::path& file, const EvaluationOptions& options, const Clock& clock,
                                std::stop_token stop);

} // namespace perch::evaluate
