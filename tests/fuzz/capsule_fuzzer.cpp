#include "core/model/training_capsule.h"
#include "core/model/training_spec_json.h"
#include "tests/fuzz/json_text.h"

/// capsule.json, as `perch train --from` takes it from anywhere.
PERCH_FUZZER(capsule) {
    using namespace perch;
    const Result<model::Capsule> capsule = model::parseCapsule(bytes, "capsule.json");
    fuzz::requireSentence(capsule);
    if (!capsule)
        return;
    const spec::TrainingSpec& training = capsule->training;
    fuzz::require(training.rounds > 0 && training.depth > 0, "a training has rounds and depth");
    fuzz::require(training.split.testShare > 0 && training.split.testShare < 1, "a share is from 0 to 1");
    fuzz::require(training.split.validationShare >= 0 && training.split.validationShare < 1, "a share is from 0 to 1");
    fuzz::require(training.timeBudget.count() >= 0, "a time is not negative");
    fuzz::require(model::trainingToJson(model::trainingFromJson(model::trainingToJson(training))) ==
                      model::trainingToJson(training),
                  "the parameters read back");
}
