#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

namespace perch::cli {

void addVerbs(CLI::App& app) {
    addInitVerb(app);
    addDataVerbs(app);
    addTrainVerb(app);
    addRunsVerbs(app);
    addPredictVerb(app);
    addEvaluateVerb(app);
    addCompareVerb(app);
    addExplainVerb(app);
    addReplayVerb(app);
    addRegistryVerbs(app);
    addDriftVerb(app);
    addStatusVerb(app);
    addRolloutVerbs(app);
    addAuditVerbs(app);
    addLocalVerbs(app);
    addClusterVerbs(app);
    addDemoVerb(app);
    addSchemaVerb(app);
    addCompletionVerb(app);
}

} // namespace perch::cli
