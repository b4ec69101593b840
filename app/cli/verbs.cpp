#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

namespace perch::cli {

void addVerbs(CLI::App& app) {
    (void)app;
}

} // namespace perch::cli
