#pragma once

#include "core/base/ids.h"
#include "core/model/predict/predictor.h"
#include "core/serving/row_reader.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace perch::serving {

/// Whether the rows of a request come with the cells that were encoded.
enum class KeepCells { No, Yes };

/// Open Inference Protocol: an output that is asked for, as JSON or as bytes.
struct WantedOutput {
    std::string name;
    bool binary = false;
};

/// What a protocol reads from a request.
struct PredictionRequest {
    EncodedRows rows;
    std::string id; ///< empty: the caller gave none
    std::vector<WantedOutput> outputs = {};
};

/// What a protocol writes into an answer. Borrowed for the length of the call.
struct PredictionAnswer {
    const ModelName& model;
    Version version;
    std::span<const std::string> classes; ///< as JSON strings, quotes included; empty for a regression
    std::span<const model::Prediction> predictions;
    std::span<const std::string> notes;
    std::string_view id;
    std::span<const std::string> classTexts = {}; ///< as they are
    bool stale = false; ///< whether features came from a lookup table that is older than allowed
};

/// JSON text as a document; InvalidInput with the byte offset in message and `where`. NaN and Infinity are not JSON.
Result<nlohmann::json> parseBody(std::string_view text);

/// A request id may hold 1 to 128 printable ASCII characters, but no space, quote or backslash.
Result<void> checkRequestId(std::string_view id);

/// The id of a request: the body's, else the header's, else a new one.
std::string requestIdOf(std::string_view body, std::string_view header);

/// The shortest decimal text that reads back as the same 32-bit float.
void appendScore(std::string& text, float score);

} // namespace perch::serving
