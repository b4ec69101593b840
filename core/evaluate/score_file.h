#pragma once

#include "core/model/predict/predictor.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace perch {
class Clock;
}

namespace perch::evaluate {

struct ScoredFile {
    std::uint64_t rows = 0;
    std::uint64_t unseenCells = 0; ///< categories that the model does not know; they count as missing
};

/// Told the share of the source that was read, 0 to 1 (0: unknown), and the rows scored so far.
using ScoreProgress = std::function<void(double share, std::uint64_t rows)>;

/// Scores a file, glob, folder or `s3://` path in bounded memory into one file, `score,class` per row in the order of
/// the source (a regression: `score` alone): Parquet if its name ends in .parquet, else CSV. Scores are the shortest
/// decimals that read back as the same 32-bit floats. The output appears complete or not at all, mode 0600.
/// InvalidInput as in reading a table; Denied or Unavailable for the output; Cancelled when asked to stop.
Result<ScoredFile> scoreFile(const model::Predictor& predictor, const std::string& source,
                             const std::filesystem::path& out, const Clock& clock, const ScoreProgress& progress,
                             std::stop_token stop);

} // namespace perch::evaluate
