#include "core/model/training_run_json.h"
#include "tests/fuzz/json_text.h"

/// run.json of a training, and the lines of its curve and log.
PERCH_FUZZER(training_run) {
    using namespace perch;
    fuzz::requireRoundTrip(bytes, model::trainingRunFromJson, [](const model::TrainingRun& run) { return toJson(run); });
    if (const auto point = model::parseCurveLine(bytes)) {
        const auto again = model::parseCurveLine(model::curveLine(*point));
        fuzz::require(again && again->round == point->round && again->train == point->train &&
                          again->validation == point->validation,
                      "a point of the curve reads back");
    }
    if (const auto line = model::parseLogLine(bytes)) {
        const auto again = model::parseLogLine(model::logLine(*line));
        fuzz::require(again && again->text == line->text && again->time == line->time, "a line of the log reads back");
    }
}
