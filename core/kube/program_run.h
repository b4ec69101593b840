#pragma once

#include "core/base/result.h"

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace perch::kube {

/// A program to run to its end.
struct Program {
    std::string command; ///< a path if there is a slash in it, else looked up in `path`
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment; ///< besides ours
    std::string path;                                             ///< folders divided by colons
    /// Whether it may ask a person: it has our input and error output then, else nothing to read.
    enum class Terminal { No, Yes } terminal = Terminal::No;
};

/// What it said; the error output is empty if the terminal had it. Both are cut at a megabyte.
struct ProgramEnd {
    int exitCode = 0; ///< 128 + the signal that killed it
    std::string out, err;
};

/// Blocks until the program has ended; it is killed when the deadline passes (Timeout) or `stop` is requested
/// (Cancelled). NotFound or Denied, with the program's name, if it cannot be started.
Result<ProgramEnd> runProgram(const Program& program, std::chrono::milliseconds deadline, const std::stop_token& stop);

} // namespace perch::kube
