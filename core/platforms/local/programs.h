#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace perch::local {

/// The programs that the local platform runs, by absolute path.
struct Programs {
    std::filesystem::path perch;      ///< runs the supervisor
    std::filesystem::path server;     ///< perch-server: replicas and truth store
    std::filesystem::path haproxy;
    std::filesystem::path prometheus;

    /// Ours beside the running program, the others in PATH and the system's folders, or only in the folders of the
    /// variable PERCH_PATH where it is set. Unavailable with one sentence that names the program and the package it
    /// comes with.
    static Result<Programs> find();
};

} // namespace perch::local
