#include "core/spec/model_spec.h"
#include "tests/fuzz/fuzzer.h"

/// A perch.yaml. An error is at a line and column of the file.
PERCH_FUZZER(model_spec) {
    using namespace perch;
    const Result<spec::ModelSpec> spec = spec::parseModelSpec(bytes, "perch.yaml");
    fuzz::requireSentence(spec);
    if (!spec) {
        fuzz::require(spec.error().code == ErrorCode::InvalidInput, "a wrong file is invalid input");
        fuzz::require(spec.error().where.starts_with("perch.yaml:"), "an error has a place");
        return;
    }
    fuzz::require(!spec->name.text().empty(), "a model has a name");
    fuzz::require(!spec->rollout.weights.empty(), "a rollout has a step");
    fuzz::require(spec->training.rounds > 0 && spec->gates.window > Seconds(0), "limits are in range");
}
