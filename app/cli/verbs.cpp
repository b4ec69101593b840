#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

namespace perch::cli {

void addVerbs(CLI::App& app) {
    addCompletionVerb(app);
}

} // namespace perch::cli
