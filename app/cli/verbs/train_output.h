#pragma once

#include "app/cli/context.h"
#include "core/training/run_training.h"

namespace perch::cli {

/// The hooks that show a training on the terminal.
void showOnTerminal(const Context& context, const std::string& label, training::TrainingPorts& ports);

/// The result, as a document or for people.
void printReport(const Context& context, const spec::ModelSpec& spec, const training::TrainingReport& report);

} // namespace perch::cli
