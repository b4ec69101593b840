#pragma once

namespace CLI {
class App;
}

/// One function per file in verbs/, each adds its verb (or group of verbs) to the command line.
namespace perch::cli {

void addCompletionVerb(CLI::App& app);
void addClusterVerbs(CLI::App& app);
void addClusterCheckVerb(CLI::App& cluster);
void addTrainVerb(CLI::App& app);
void addPredictVerb(CLI::App& app);
void addEvaluateVerb(CLI::App& app);
void addCompareVerb(CLI::App& app);
void addExplainVerb(CLI::App& app);
void addReplayVerb(CLI::App& app);
void addRegistryVerbs(CLI::App& app);
void addDriftVerb(CLI::App& app);
void addStatusVerb(CLI::App& app);
void addRolloutVerbs(CLI::App& app);
void addAuditVerbs(CLI::App& app);
void addLocalVerbs(CLI::App& app);
void addDemoVerb(CLI::App& app);
void addDataVerbs(CLI::App& app);
void addDataCheckVerb(CLI::App& data);
void addDataProfileVerb(CLI::App& data);
void addInitVerb(CLI::App& app);
void addRunsVerbs(CLI::App& app);
void addSchemaVerb(CLI::App& app);

/// Adds all of them (verbs.cpp is the list).
void addVerbs(CLI::App& app);

} // namespace perch::cli
