#pragma once

#include "core/base/result.h"
#include "core/kube/chosen_cluster.h"
#include "core/present/screen.h"

#include <filesystem>
#include <optional>
#include <string>

class QApplication;

namespace perch::console {

/// What the command line asked for.
struct Options {
    std::filesystem::path workspace;    ///< empty: the default
    kube::ClusterChoice cluster;        ///< none: the local platform
    std::string prometheus;             ///< that scrapes the cluster
    enum class Look { System, Light, Dark } theme = Look::System;
    double scale = 1.0;
    bool readOnly = false;
    std::filesystem::path screenshots;  ///< not empty: render every screen into it and end
    std::filesystem::path snapshot;     ///< a recorded snapshot instead of the platform
    present::Page page = present::Page::Fleet;
    std::string model;
    bool measureStart = false;          ///< print the time to the first paint and end
};

/// InvalidInput names the option. `--help` and `--version` end the program.
Result<Options> parseOptions(const QApplication& application);

} // namespace perch::console
