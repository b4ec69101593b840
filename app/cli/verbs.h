#pragma once

namespace CLI {
class App;
}

/// One function per file in verbs/, each adds its verb (or group of verbs) to the command line.
namespace perch::cli {

void addCompletionVerb(CLI::App& app);

/// Adds all of them (verbs.cpp is the list).
void addVerbs(CLI::App& app);

} // namespace perch::cli
